package org.posthorn.queue.state;

/// A record that cannot be what was written: set aside and named, never guessed at.
public final class CorruptRecordException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// Makes one.
    ///
    /// @param problem what is wrong, and with which record
    public CorruptRecordException(String problem) {
        super(problem);
    }

    /// Makes one with a cause.
    ///
    /// @param problem what is wrong, and with which record
    /// @param cause what was thrown by who read it
    public CorruptRecordException(String problem, Throwable cause) {
        super(problem, cause);
    }
}
