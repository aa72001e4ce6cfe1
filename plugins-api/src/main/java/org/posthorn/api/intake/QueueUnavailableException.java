package org.posthorn.api.intake;

import org.posthorn.api.smtp.Reply;

/// The queue cannot take a message now. The sender keeps it and tries again.
public final class QueueUnavailableException extends Exception {
    private static final long serialVersionUID = 1L;

    private final boolean full;

    /// Makes one.
    ///
    /// @param full whether space is what lacks
    /// @param message what an operator reads: the store, the place, what to do. Never sent to the
    /// peer
    public QueueUnavailableException(boolean full, String message) {
        super(message);
        this.full = full;
    }

    /// Makes one with a cause.
    ///
    /// @param full whether space is what lacks
    /// @param message what an operator reads: the store, the place, what to do. Never sent to the
    /// peer
    /// @param cause what the store threw
    public QueueUnavailableException(boolean full, String message, Throwable cause) {
        super(message, cause);
        this.full = full;
    }

    /// Returns what the sender is told: `452 4.3.1` when space lacks (RFC 5321 §4.2.3), `451 4.3.0`
    /// otherwise.
    public Reply reply() {
        return full
                ? Reply.of(452, "4.3.1", "Insufficient system storage, try again later")
                : Reply.of(451, "4.3.0", "Local error in processing, try again later");
    }
}
