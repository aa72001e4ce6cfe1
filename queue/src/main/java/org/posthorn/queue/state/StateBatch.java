package org.posthorn.queue.state;

import java.util.List;
import java.util.Optional;

/// Facts of one partition that become true together. Immutable.
///
/// @param changes what happened, in order
/// @param births messages that begin with this: reports
public record StateBatch(List<Change> changes, List<Entry> births) {

    /// Copies the lists.
    public StateBatch {
        changes = List.copyOf(changes);
        births = List.copyOf(births);
    }

    /// Makes a batch of changes only.
    public static StateBatch of(List<Change> changes) {
        return new StateBatch(changes, List.of());
    }

    /// A fact.
    public sealed interface Change {
        /// A job moved on, or ended.
        ///
        /// @param job which
        /// @param before what it was
        /// @param after what it is now; nothing when it is done
        /// @param parked whether it may stand in the index of parked jobs
        record Moved(JobKey job, JobRecord before, Optional<JobRecord> after, boolean parked)
                implements Change {}

        /// A message is finished: all of its jobs are done, by this batch or before.
        ///
        /// @param message which
        /// @param before what it was
        record Finished(MessageKey message, MessageRecord before) implements Change {}
    }
}
