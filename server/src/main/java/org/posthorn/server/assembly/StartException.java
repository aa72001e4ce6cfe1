package org.posthorn.server.assembly;

/// The server cannot start. The message is for the operator: what fails, where, what to do.
public final class StartException extends Exception {
    private static final long serialVersionUID = 1L;

    StartException(String message, Throwable cause) {
        super(message, cause);
    }
}
