package org.posthorn.queue;

import org.posthorn.api.delivery.Outcome;
import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.MessageId;
import org.posthorn.queue.QueuedMessage.HistoryEntry;

import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// All that a queue keeps of a message besides its content, to be taken to another queue.
/// Immutable.
///
/// @param id its id in the queue that it comes from
/// @param envelope the envelope it was committed with
/// @param acceptedAt when it was committed, to the millisecond
/// @param metadata its facts
/// @param jobs the jobs that are left, by their numbers
public record PortableMessage(
        MessageId id,
        Envelope envelope,
        Instant acceptedAt,
        Map<String, String> metadata,
        List<PortableJob> jobs) {
    private static final int MOST_JOBS = 1_000_000;

    /// Copies the collections, and checks that jobs and envelope fit each other.
    ///
    /// @throws IllegalArgumentException saying which job does not
    public PortableMessage {
        metadata = Map.copyOf(metadata);
        jobs = List.copyOf(jobs);
        if (jobs.isEmpty()) {
            throw new IllegalArgumentException("jobs: expected at least one");
        }
        Set<Integer> numbers = new HashSet<>();
        Set<Integer> taken = new HashSet<>();
        for (PortableJob job : jobs) {
            check(job, numbers.add(job.number()), "another job has this number");
            check(job, job.number() >= 0 && job.number() < MOST_JOBS, "no such number");
            check(job, !job.waiting().isEmpty(), "expected at least one recipient that waits");
            for (Waiting it : job.waiting()) {
                check(job, it.goesTo(job, envelope), "no recipient " + it.recipient() + " there");
                check(job, taken.add(it.recipient()), "recipient twice: " + it.recipient());
            }
        }
    }

    private static void check(PortableJob job, boolean holds, String problem) {
        if (!holds) {
            throw new IllegalArgumentException(
                    "job %d to %s: %s".formatted(job.number(), job.destination(), problem));
        }
    }

    /// A job that is left.
    ///
    /// @param number which of the message's jobs
    /// @param destination where it goes
    /// @param due when it is or was due, to the millisecond
    /// @param attempts how many attempts were settled
    /// @param hold why it waits for an operator, if it does
    /// @param waiting the recipients that are left
    /// @param marks what else is remembered of it
    /// @param route where an operator sends it instead of where the route table says
    /// @param bounce why an operator wants it returned to its sender
    /// @param history what happened to it: the first few and the latest entries of many
    public record PortableJob(
            int number,
            Destination destination,
            Instant due,
            int attempts,
            Optional<String> hold,
            List<Waiting> waiting,
            Set<Mark> marks,
            Optional<String> route,
            Optional<String> bounce,
            List<HistoryEntry> history) {
        /// Copies the collections.
        public PortableJob {
            waiting = List.copyOf(waiting);
            marks = Set.copyOf(marks);
            history = List.copyOf(history);
        }
    }

    /// A recipient that is left.
    ///
    /// @param recipient which of the envelope's recipients, from 0
    /// @param last what the last attempt said; nothing before the first
    public record Waiting(int recipient, Optional<Outcome> last) {
        private boolean goesTo(PortableJob job, Envelope envelope) {
            return recipient >= 0
                    && recipient < envelope.recipients().size()
                    && envelope.recipients()
                            .get(recipient)
                            .mailbox()
                            .domain()
                            .equals(job.destination().domain());
        }
    }
}
