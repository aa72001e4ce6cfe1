package org.posthorn.queue;

import org.posthorn.api.delivery.Outcome;
import org.posthorn.api.intake.Submission;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What became of a job. Immutable.
///
/// @param outcomes one per recipient of the job's envelope, in its order: [Outcome.Deferred]
/// recipients wait on, all others are done
/// @param next when the waiting recipients are due again; present if and only if some outcome is
/// deferred
/// @param hold why this job, and no other of the message, is held until an operator releases it,
/// whatever its due time; only where recipients wait
/// @param marks what is to be remembered of the job from now on; only where recipients wait
/// @param reports the messages that tell the sender what became of it: committed in the same write
/// @param attempted whether it was tried, which is counted
/// @param peer who was tried, as an operator knows it; empty where nobody was
public record Settlement(
        List<Outcome> outcomes,
        Optional<Instant> next,
        Optional<String> hold,
        Set<Mark> marks,
        List<Report> reports,
        boolean attempted,
        String peer) {

    /// Checks that outcomes and due time fit each other.
    ///
    /// @throws IllegalArgumentException when recipients would wait without a due time, or the
    /// reverse
    public Settlement {
        outcomes = List.copyOf(outcomes);
        marks = Set.copyOf(marks);
        reports = List.copyOf(reports);
        if (next.isPresent() != outcomes.stream().anyMatch(Outcome.Deferred.class::isInstance)) {
            throw new IllegalArgumentException(
                    "a settlement has a next due time if and only if recipients wait");
        }
        if ((hold.isPresent() || !marks.isEmpty()) && next.isEmpty()) {
            throw new IllegalArgumentException(
                    "a settlement holds or marks a job only if recipients wait");
        }
    }

    /// Makes a settlement of an attempt.
    ///
    /// @throws IllegalArgumentException as the other constructor
    public Settlement(
            List<Outcome> outcomes,
            Optional<Instant> next,
            Optional<String> hold,
            Set<Mark> marks,
            List<Report> reports) {
        this(outcomes, next, hold, marks, reports, true, "");
    }

    /// Returns this settlement with who was tried.
    public Settlement of(String tried) {
        return new Settlement(outcomes, next, hold, marks, reports, attempted, tried);
    }

    /// Makes a settlement that reports nothing.
    ///
    /// @throws IllegalArgumentException as the other constructor
    public Settlement(List<Outcome> outcomes, Optional<Instant> next, Optional<String> hold) {
        this(outcomes, next, hold, Set.of(), List.of());
    }

    /// Returns this settlement of a job that was not tried at all.
    public Settlement withoutAttempt() {
        return new Settlement(outcomes, next, hold, marks, reports, false, peer);
    }

    /// A message made by the server, small enough to be held in memory.
    ///
    /// @param submission its envelope and its header section
    /// @param body what stands behind the header section
    public record Report(Submission submission, ByteBuffer body) {
        /// Keeps a view of the body that others cannot move.
        public Report {
            body = body.asReadOnlyBuffer();
        }

        /// Returns a view of the body; its position is the caller's own.
        @Override
        public ByteBuffer body() {
            return body.duplicate();
        }
    }
}
