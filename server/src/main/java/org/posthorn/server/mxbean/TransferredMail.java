package org.posthorn.server.mxbean;

import java.util.List;

/// What came of an export or import. Immutable.
///
/// @param messages how many messages were written or taken in
/// @param jobs how many jobs these have
/// @param octets the size of their content
/// @param refused how many were left out
/// @param said why, and what else there is to know: the first thousand lines
public record TransferredMail(
        long messages, long jobs, long octets, long refused, List<String> said) {
    /// Copies the list.
    public TransferredMail {
        said = List.copyOf(said);
    }
}
