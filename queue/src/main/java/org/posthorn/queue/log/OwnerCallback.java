package org.posthorn.queue.log;

import org.posthorn.queue.state.Entry;
import org.posthorn.queue.state.MessageKey;

import java.time.Instant;

/// Is told which partitions it owns and what arrives in them. Called by one thread at a time; it
/// hands over and does not work there.
public interface OwnerCallback {

    /// The partition is ours now, and its tables are complete. All that was asked for under a lease
    /// before has been answered.
    void assigned(Lease lease, Restore restore);

    /// The partition goes to somebody else: start nothing new in it, finish what runs.
    ///
    /// @param deadline when the lease ends
    void revoked(Lease lease, Instant deadline);

    /// The partition is not ours any more. What was not acknowledged may or may not have happened.
    void lost(Lease lease);

    /// A message is durable in a partition that is ours.
    void appended(Lease lease, MessageKey key, Entry entry);
}
