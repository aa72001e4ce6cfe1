package org.posthorn.queue.log;

import org.posthorn.queue.state.Tally;

/// What a new owner finds in a partition. Immutable.
///
/// @param tally how much there is
public record Restore(Tally tally) {}
