package org.posthorn.server.plugin;

/// A plugin's directory cannot be loaded. The message says which file and what to do.
final class BrokenPluginException extends Exception {
    private static final long serialVersionUID = 1L;

    BrokenPluginException(String message) {
        super(message);
    }

    BrokenPluginException(String message, Throwable cause) {
        super(message, cause);
    }
}
