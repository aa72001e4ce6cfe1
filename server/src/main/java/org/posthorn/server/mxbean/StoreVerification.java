package org.posthorn.server.mxbean;

import java.util.List;

/// What a look at the whole queue found. Immutable.
///
/// @param messages how many messages there are
/// @param jobs how many jobs
/// @param aside how many rows were set aside before, since they could not be read
/// @param wrong how many things are wrong
/// @param findings the first thousand of them, and what to do
public record StoreVerification(
        long messages, long jobs, long aside, long wrong, List<String> findings) {
    /// Copies the list.
    public StoreVerification {
        findings = List.copyOf(findings);
    }
}
