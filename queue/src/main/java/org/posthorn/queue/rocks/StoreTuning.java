package org.posthorn.queue.rocks;

/// What tests make weaker or smaller than it is in a server. Immutable.
///
/// @param synced whether what is said to be durable is synced. Without it a power cut loses mail
/// that was acknowledged: only for showing that it does
/// @param divisor by how much memtables, logs and blob files are smaller, so that little mail makes
/// many of them
public record StoreTuning(boolean synced, int divisor) {
    /// As a server needs it.
    public static final StoreTuning SERVER = new StoreTuning(true, 1);
}
