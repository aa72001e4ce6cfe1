package org.posthorn.queue.state;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

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

        /// A message came from another queue.
        ///
        /// @param message its key, which no other message has
        /// @param after what it is
        /// @param jobs its jobs, by number
        /// @param body its content
        record Imported(
                MessageKey message,
                MessageRecord after,
                SortedMap<Integer, JobRecord> jobs,
                Entry.Body body)
                implements Change {
            /// Copies the map.
            public Imported {
                jobs = Collections.unmodifiableSortedMap(new TreeMap<>(jobs));
            }
        }

        /// A message is finished: all of its jobs are done, by this batch or before.
        ///
        /// @param message which
        /// @param before what it was
        /// @param kept whether something of it can still be brought back, and so its record and its
        /// content stay
        record Finished(MessageKey message, MessageRecord before, boolean kept) implements Change {}

        /// Something of a message was removed and can be brought back.
        ///
        /// @param key where it is kept
        /// @param removed what
        record Removed(RemovedKey key, RemovedJob removed) implements Change {}

        /// Something that was removed of a message is gone for good.
        ///
        /// @param message which
        /// @param before what it was, by the entries that say until when it was kept
        /// @param last the message, if nothing else is left of it: then its content goes, too
        record Purged(
                MessageKey message, List<IndexKey.Fading> before, Optional<MessageRecord> last)
                implements Change {
            /// Copies the list.
            public Purged {
                before = List.copyOf(before);
            }
        }

        /// Something that was removed of a message is back.
        ///
        /// @param message which
        /// @param before what was removed, by the entries that say until when it was kept
        /// @param after what the message is from now on
        /// @param jobs what comes of it, by number
        /// @param alone whether the message had no other jobs
        record Restored(
                MessageKey message,
                List<IndexKey.Fading> before,
                MessageRecord after,
                SortedMap<Integer, JobRecord> jobs,
                boolean alone)
                implements Change {
            /// Copies the collections.
            public Restored {
                before = List.copyOf(before);
                jobs = Collections.unmodifiableSortedMap(new TreeMap<>(jobs));
            }
        }
    }
}
