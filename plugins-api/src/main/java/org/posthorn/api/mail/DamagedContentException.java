package org.posthorn.api.mail;

import java.io.IOException;

/// Stored content is not what was written, or is not there: reading it again does not help. Any
/// other `IOException` of a [Content] may pass.
public final class DamagedContentException extends IOException {
    private static final long serialVersionUID = 1L;

    /// Makes one.
    ///
    /// @param problem what is wrong, and where, for an operator
    public DamagedContentException(String problem) {
        super(problem);
    }

    /// Makes one with a cause.
    ///
    /// @param problem what is wrong, and where, for an operator
    /// @param cause what the store threw
    public DamagedContentException(String problem, Throwable cause) {
        super(problem, cause);
    }
}
