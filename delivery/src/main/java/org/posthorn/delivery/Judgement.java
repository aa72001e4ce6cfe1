package org.posthorn.delivery;

import org.posthorn.api.delivery.Outcome;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.smtp.Reply;
import org.posthorn.queue.Job;
import org.posthorn.queue.Mark;
import org.posthorn.queue.Settlement;

import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/// Turns what an attempt came to into what is settled: when to try again, whom to give up, what to
/// report. Safe for use by many threads.
///
/// @param routes know when to try again
/// @param reports writes them
/// @param notices choose who is told what
/// @param clock what time it is
/// @param random for the schedule's jitter
record Judgement(
        Routes routes,
        Reports reports,
        Notices notices,
        InstantSource clock,
        RandomGenerator random) {

    /// What a held recipient's last outcome is.
    static final Reply HELD = Reply.of(450, "4.7.0", "Held until an operator releases it");

    /// What a recipient is told of that was not reached in the time that the sender gave.
    static final Reply TOO_LATE =
            Reply.of(554, "5.4.7", "Not delivered in the time that the sender asked for");

    Decision on(Job job, Attempt attempt) {
        return switch (attempt) {
            case Attempt.Held(String reason) -> held(job, reason);
            case Attempt.Tried(var results, var next) -> tried(job, results, next);
            case Attempt.Closed(Instant until) -> {
                String why = "Waits for the delivery window of its route: " + until;
                yield waits(job, Reply.of(450, "4.3.2", why), "", until);
            }
            case Attempt.Later(Entry.Later(var reply, var earliest, var down), var site) ->
                    down
                            ? down(job, reply, site.text(), earliest)
                            : waits(job, reply, site.text(), earliest);
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
        return new Decision(settlement, List.of(), List.of());
    }

    private Decision tried(Job job, List<Result> results, Optional<Instant> said) {
        Instant now = clock.instant();
        Times times = routes.times(job);
        Optional<Instant> next =
                said.isPresent()
                        ? times.opening(now, said.get())
                        : times.next(now, results, random);
        return judged(job, results, times, now, next);
    }

    /// That the route is closed, or too many are on it, is no attempt; but its sender is owed a
    /// word as ever, and at the end of its lifetime it goes back.
    private Decision waits(Job job, Reply reply, String place, Instant until) {
        Instant now = clock.instant();
        Times times = routes.times(job);
        return untried(job, results(job, reply, place), times, now, times.opening(now, until));
    }

    /// That nobody answers at a site was not found out by this job: it takes the time that its
    /// schedule has for such failures, but is not counted.
    private Decision down(Job job, Reply reply, String place, Instant earliest) {
        Instant now = clock.instant();
        Times times = routes.times(job);
        List<Result> results = results(job, reply, place);
        Optional<Instant> next =
                times.next(now, results, random)
                        .map(it -> it.isBefore(earliest) ? earliest : it)
                        .flatMap(it -> times.opening(now, it));
        return untried(job, results, times, now, next);
    }

    private static List<Result> results(Job job, Reply reply, String place) {
        return Result.of(reply, "none", place).forAll(job.envelope().recipients().size());
    }

    private Decision untried(
            Job job, List<Result> results, Times times, Instant now, Optional<Instant> next) {
        Decision decision = judged(job, results, times, now, next);
        return next.isEmpty()
                ? decision
                : new Decision(decision.settlement().withoutAttempt(), List.of(), decision.told());
    }

    /// What recipients' last outcome is while their route is closed.
    static Reply closed(Instant until) {
        return Reply.of(450, "4.3.2", "Waits for the delivery window of its route: " + until);
    }

    private Decision judged(
            Job job, List<Result> results, Times times, Instant now, Optional<Instant> next) {
        List<Result> judged =
                results.stream().map(r -> next.isPresent() ? r : expired(r, times, now)).toList();
        List<Outcome> outcomes = judged.stream().map(Result::outcome).toList();
        boolean waiting = outcomes.stream().anyMatch(Outcome.Deferred.class::isInstance);
        Set<Mark> due = waiting ? times.owed(now) : Set.of();
        List<List<Told>> told = notices.told(job, results, judged, due);
        Optional<Mailbox> to = notices.addressee(job);
        var settlement =
                new Settlement(
                        outcomes,
                        waiting ? next : Optional.empty(),
                        Optional.empty(),
                        due,
                        told.stream()
                                .map(
                                        group ->
                                                reports.report(
                                                        job,
                                                        to.orElseThrow(),
                                                        group,
                                                        now,
                                                        times.end()))
                                .toList());
        return new Decision(settlement, judged, told);
    }

    /// The end of a message's lifetime, or of the time that the sender gave it (RFC 3463 §3.5,
    /// X.4.7).
    private static Result expired(Result result, Times times, Instant now) {
        if (!(result.outcome() instanceof Outcome.Deferred(Reply last))) {
            return result;
        }
        String why =
                times.isTooLate(() -> now)
                        ? TOO_LATE.text()
                        : "Not delivered in the time that mail is tried";
        Reply reply = Reply.of(554, "5.4.7", why + "; at last: " + last);
        return new Result(new Outcome.Failed(reply), result.by());
    }
}
