package org.posthorn.server.mxbean;

import java.util.List;

/// A message in the queue, for an operator. Times are in UTC (ISO 8601). Immutable.
///
/// @param id its id
/// @param sender where bounces go, such as `<mona@example.org>`, or `<>`
/// @param size its octets
/// @param accepted when we took responsibility
/// @param metadata its facts, by name
/// @param jobs what is left to do, one job per destination
public record QueueEntry(
        String id,
        String sender,
        long size,
        String accepted,
        List<QueuedFact> metadata,
        List<QueuedJob> jobs) {

    /// Copies the lists.
    public QueueEntry {
        metadata = List.copyOf(metadata);
        jobs = List.copyOf(jobs);
    }

    /// What somebody wants to remember of a message.
    ///
    /// @param name such as `tenant`
    /// @param value what it is
    public record QueuedFact(String name, String value) {}

    /// A job that is left.
    ///
    /// @param number which of the message's jobs
    /// @param destination where it goes
    /// @param state `scheduled`, `active`, `held` or `removed`
    /// @param reason why it is still here
    /// @param route the route that it takes: what stands under `to`, or `none`
    /// @param due when it is or was due
    /// @param next when it can be tried again at the earliest; empty while an operator must act
    /// first
    /// @param attempts how many attempts there were
    /// @param recipients who is left
    /// @param history attempts and what operators did: the first few and the latest; empty in lists
    public record QueuedJob(
            int number,
            String destination,
            String state,
            String reason,
            String route,
            String due,
            String next,
            int attempts,
            List<QueuedRecipient> recipients,
            List<QueuedEvent> history) {

        /// Copies the lists.
        public QueuedJob {
            recipients = List.copyOf(recipients);
            history = List.copyOf(history);
        }
    }

    /// A recipient that is left.
    ///
    /// @param address who
    /// @param last what the last attempt said; empty before the first
    public record QueuedRecipient(String address, String last) {}

    /// An attempt, or what an operator did.
    ///
    /// @param at when
    /// @param by the host or place that was tried, or the operator
    /// @param text what came of it
    public record QueuedEvent(String at, String by, String text) {}
}
