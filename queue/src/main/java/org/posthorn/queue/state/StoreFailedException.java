package org.posthorn.queue.state;

/// The store cannot be read now: closed, reopening, or the disk fails.
public final class StoreFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// Makes one.
    ///
    /// @param problem what failed, and where
    public StoreFailedException(String problem) {
        super(problem);
    }

    /// Makes one with a cause.
    ///
    /// @param problem what failed, and where
    /// @param cause what the store threw
    public StoreFailedException(String problem, Throwable cause) {
        super(problem, cause);
    }
}
