package org.posthorn.queue;

import org.posthorn.api.delivery.Outcome;
import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.MessageId;
import org.posthorn.api.mail.Recipient;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A message in the queue, as an operator sees it: a snapshot. Immutable.
///
/// @param id its id
/// @param envelope the envelope it was committed with
/// @param size its content's octets
/// @param acceptedAt when it was committed
/// @param metadata its facts
/// @param jobs the jobs that are left
public record QueuedMessage(
        MessageId id,
        Envelope envelope,
        long size,
        Instant acceptedAt,
        Map<String, String> metadata,
        List<QueuedJob> jobs) {

    /// Copies the collections.
    public QueuedMessage {
        metadata = Map.copyOf(metadata);
        jobs = List.copyOf(jobs);
    }

    /// A job that is left.
    ///
    /// @param number which of the message's jobs
    /// @param destination where it goes
    /// @param state what it waits for
    /// @param due when it is or was due
    /// @param attempts how many attempts were settled
    /// @param waiting the recipients that are left, each with what the last attempt said
    /// @param marks what else is remembered of it
    /// @param route where an operator sends it instead of where the route table says
    /// @param reason why it is still here, in a few words
    /// @param next when it can be tried again at the earliest; nothing while an operator must act
    /// first
    /// @param history what happened to it: the first few and the latest entries of many
    public record QueuedJob(
            int number,
            Destination destination,
            State state,
            Instant due,
            int attempts,
            List<Waiting> waiting,
            Set<Mark> marks,
            Optional<String> route,
            String reason,
            Optional<Instant> next,
            List<HistoryEntry> history) {
        /// Copies the collections.
        public QueuedJob {
            waiting = List.copyOf(waiting);
            marks = Set.copyOf(marks);
            history = List.copyOf(history);
        }
    }

    /// A recipient that is left.
    ///
    /// @param recipient who
    /// @param last what the last attempt said; nothing before the first
    public record Waiting(Recipient recipient, Optional<Outcome> last) {}

    /// An attempt, or what an operator did.
    ///
    /// @param at when
    /// @param by the host or place that was tried, or the operator
    /// @param text what came of it
    public record HistoryEntry(Instant at, String by, String text) {}

    /// What a job waits for.
    public sealed interface State {
        /// For its due time, or for a lane.
        record Scheduled() implements State {}

        /// For the end of the attempt that runs now.
        record Active() implements State {}

        /// For an operator.
        ///
        /// @param reason why
        record Held(String reason) implements State {}

        /// To be brought back, or to be gone for good. Its recipients are those that were removed.
        ///
        /// @param until how long it is kept
        record Removed(Instant until) implements State {}
    }
}
