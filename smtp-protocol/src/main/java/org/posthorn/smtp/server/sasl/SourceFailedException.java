package org.posthorn.smtp.server.sasl;

/// A source threw, or was not done in time.
public final class SourceFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String plugin;

    SourceFailedException(String plugin, Throwable cause) {
        super(cause);
        this.plugin = plugin;
    }

    /// Returns the instance that supplies the source.
    public String plugin() {
        return plugin;
    }
}
