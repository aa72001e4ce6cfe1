package org.posthorn.queue;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// How the queue's store gets on with its disk. Immutable.
///
/// @param fault what keeps it from writing, or from taking mail, in words for an operator; nothing
/// when all is well
/// @param free the octets that are free on its file system
/// @param drafts the octets of memory that messages take which are coming in
/// @param waitingWrites how many changes wait for the next sync
/// @param sync how long the present sync has run, or the last one took when none runs
/// @param damage what was found to be unreadable since the start, the last hundred of it
public record StoreHealth(
        Optional<String> fault,
        long free,
        long drafts,
        int waitingWrites,
        Duration sync,
        List<String> damage) {
    /// Copies the list.
    public StoreHealth {
        damage = List.copyOf(damage);
    }
}
