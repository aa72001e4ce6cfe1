package org.posthorn.server.transfer;

import org.jspecify.annotations.Nullable;

import java.io.IOException;

/// A message cannot be read; others may be.
final class UnreadableException extends IOException {
    private static final long serialVersionUID = 1L;

    /// @param problem what is wrong
    UnreadableException(String problem, @Nullable Throwable cause) {
        super(problem, cause);
    }
}
