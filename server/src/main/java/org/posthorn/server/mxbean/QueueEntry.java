package org.posthorn.server.mxbean;

import java.util.List;

/// A message in the queue, for an operator. Times are in UTC (ISO 8601). Immutable.
///
/// @param id its id
/// @param sender where bounces go, such as `<mona@example.org>`, or `<>`
/// @param size its octets
/// @param accepted when we took responsibility
/// @param jobs what is left to do, one job per destination
public record QueueEntry(
        String id, String sender, long size, String accepted, List<QueuedJob> jobs) {

    /// Copies the list.
    public QueueEntry {
        jobs = List.copyOf(jobs);
    }

    /// A job that is left.
    ///
    /// @param destination where it goes
    /// @param state `scheduled`, `active` or `held`
    /// @param reason why it is held; empty when it is not
    /// @param due when it is or was due
    /// @param attempts how many attempts there were
    /// @param recipients who is left
    public record QueuedJob(
            String destination,
            String state,
            String reason,
            String due,
            int attempts,
            List<QueuedRecipient> recipients) {

        /// Copies the list.
        public QueuedJob {
            recipients = List.copyOf(recipients);
        }
    }

    /// A recipient that is left.
    ///
    /// @param address who
    /// @param last what the last attempt said; empty before the first
    public record QueuedRecipient(String address, String last) {}
}
