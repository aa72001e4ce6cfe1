package org.posthorn.queue.log;

/// The right to change a partition's state, until somebody else gets it. Immutable.
///
/// @param partition which partition
/// @param epoch grows each time that the partition is assigned
public record Lease(int partition, long epoch) {}
