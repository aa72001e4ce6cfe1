package org.posthorn.delivery;

import org.posthorn.api.delivery.Outcome;
import org.posthorn.api.smtp.Reply;
import org.posthorn.queue.Job;
import org.posthorn.queue.Settlement;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/// Turns what an attempt came to into what is settled: when to try again, whom to give up, what to
/// report. Safe for use by many threads.
///
/// @param schedule when to try again
/// @param bounces writes the report
/// @param clock what time it is
/// @param random for the schedule's jitter
record Judgement(
        RetrySchedule schedule, Bounces bounces, InstantSource clock, RandomGenerator random) {

    /// What a held recipient's last outcome is.
    static final Reply HELD = Reply.of(450, "4.7.0", "Held until an operator releases it");

    Decision on(Job job, Attempt attempt) {
        return switch (attempt) {
            case Attempt.Held(String reason) -> held(job, reason);
            case Attempt.Tried(List<Result> results) -> tried(job, results);
        };
    }

    private Decision held(Job job, String reason) {
        int count = job.envelope().recipients().size();
        List<Outcome> outcomes =
                IntStream.range(0, count)
                        .<Outcome>mapToObj(_ -> new Outcome.Deferred(HELD))
                        .toList();
        var settlement =
                new Settlement(outcomes, Optional.of(clock.instant()), Optional.of(reason));
        return new Decision(settlement, List.of());
    }

    private Decision tried(Job job, List<Result> results) {
        Instant now = clock.instant();
        Optional<Instant> next = schedule.next(job.acceptedAt(), now, random);
        List<Result> judged = results.stream().map(r -> next.isPresent() ? r : expired(r)).toList();
        List<Outcome> outcomes = judged.stream().map(Result::outcome).toList();
        boolean waiting = outcomes.stream().anyMatch(Outcome.Deferred.class::isInstance);
        var settlement =
                new Settlement(
                        outcomes,
                        waiting ? next : Optional.empty(),
                        Optional.empty(),
                        Set.of(),
                        bounce(job, results, judged, now).stream().toList());
        return new Decision(settlement, judged);
    }

    /// The end of a message's lifetime (RFC 3463 §3.5, X.4.7).
    private static Result expired(Result result) {
        if (!(result.outcome() instanceof Outcome.Deferred(Reply last))) {
            return result;
        }
        Reply reply = Reply.of(554, "5.4.7", "Given up after too many attempts; at last: " + last);
        return new Result(new Outcome.Failed(reply), result.by());
    }

    /// A bounce is owed for recipients that were given up, but never for a bounce (RFC 5321
    /// §4.5.5).
    private Optional<Settlement.Report> bounce(
            Job job, List<Result> results, List<Result> judged, Instant now) {
        List<Failure> failures = new ArrayList<>();
        for (int i = 0; i < judged.size(); i++) {
            if (judged.get(i).outcome() instanceof Outcome.Failed(Reply reply)) {
                Result last = results.get(i);
                failures.add(
                        new Failure(
                                job.envelope().recipients().get(i),
                                reply,
                                last.outcome().reply(),
                                last.by()));
            }
        }
        return job.envelope()
                .sender()
                .mailbox()
                .filter(_ -> !failures.isEmpty())
                .map(sender -> bounces.report(job, sender, failures, now));
    }
}
