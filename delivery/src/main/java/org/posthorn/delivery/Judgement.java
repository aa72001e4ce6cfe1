package org.posthorn.delivery;

import org.posthorn.api.delivery.Outcome;
import org.posthorn.api.mail.Notify;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.smtp.Reply;
import org.posthorn.delivery.Told.Action;
import org.posthorn.queue.Job;
import org.posthorn.queue.Mark;
import org.posthorn.queue.Settlement;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Turns what an attempt came to into what is settled: when to try again, whom to give up, what to
/// report. Safe for use by many threads.
///
/// @param routes know when to try again
/// @param reports writes them
/// @param clock what time it is
/// @param random for the schedule's jitter
record Judgement(Routes routes, Reports reports, InstantSource clock, RandomGenerator random) {

    /// What a held recipient's last outcome is.
    static final Reply HELD = Reply.of(450, "4.7.0", "Held until an operator releases it");

    /// What a recipient is told of that was not reached in the time that the sender gave.
    static final Reply TOO_LATE =
            Reply.of(554, "5.4.7", "Not delivered in the time that the sender asked for");

    Decision on(Job job, Attempt attempt) {
        return switch (attempt) {
            case Attempt.Held(String reason) -> held(job, reason);
            case Attempt.Tried(List<Result> results) -> tried(job, results);
            case Attempt.Closed(Instant until) -> closed(job, until);
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

    private Decision tried(Job job, List<Result> results) {
        Instant now = clock.instant();
        Times times = routes.times(job);
        return judged(job, results, times, now, times.next(now, results, random));
    }

    /// That the route is closed is no attempt; but its sender is owed a word as ever, and at the
    /// end of its lifetime it goes back.
    private Decision closed(Job job, Instant until) {
        Instant now = clock.instant();
        Times times = routes.times(job);
        Reply reply =
                Reply.of(450, "4.3.2", "Waits for the delivery window of its route: " + until);
        List<Result> results =
                Result.of(reply, "none", "").forAll(job.envelope().recipients().size());
        Optional<Instant> next = times.opening(now, until);
        Decision decision = judged(job, results, times, now, next);
        return next.isEmpty()
                ? decision
                : new Decision(decision.settlement().withoutAttempt(), List.of(), decision.told());
    }

    private Decision judged(
            Job job, List<Result> results, Times times, Instant now, Optional<Instant> next) {
        List<Result> judged =
                results.stream().map(r -> next.isPresent() ? r : expired(r, times, now)).toList();
        List<Outcome> outcomes = judged.stream().map(Result::outcome).toList();
        boolean waiting = outcomes.stream().anyMatch(Outcome.Deferred.class::isInstance);
        Set<Mark> due = waiting ? times.owed(now) : Set.of();
        List<List<Told>> told = told(job, results, judged, due);
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
                                                        job.envelope()
                                                                .sender()
                                                                .mailbox()
                                                                .orElseThrow(),
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

    /// Chooses what the sender is told: never anything of a report (RFC 5321 §4.5.5), and otherwise
    /// what it wants to hear (RFC 3461 §4.1).
    ///
    /// @return one group for each report
    private static List<List<Told>> told(
            Job job, List<Result> results, List<Result> judged, Set<Mark> due) {
        if (job.envelope().sender().mailbox().isEmpty()) {
            return List.of();
        }
        List<Told> failed = new ArrayList<>();
        List<Told> delayed = new ArrayList<>();
        List<Told> succeeded = new ArrayList<>();
        for (int i = 0; i < judged.size(); i++) {
            Recipient recipient = job.envelope().recipients().get(i);
            Set<Notify> wanted = Notify.of(recipient);
            Result result = judged.get(i);
            Reply reply = result.outcome().reply();
            Reply last = results.get(i).outcome().reply();
            switch (result.outcome()) {
                case Outcome.Failed _ when wanted.contains(Notify.FAILURE) ->
                        failed.add(new Told(recipient, Action.FAILED, reply, last, result.by()));
                case Outcome.Deferred _ when tellsDelay(wanted, due) ->
                        delayed.add(new Told(recipient, Action.DELAYED, reply, last, result.by()));
                case Outcome.Delivered _ ->
                        success(result.reach(), wanted)
                                .map(it -> new Told(recipient, it, reply, last, result.by()))
                                .ifPresent(succeeded::add);
                case Outcome.Failed _, Outcome.Deferred _ -> {}
            }
        }
        return Stream.of(failed, delayed, succeeded).filter(Predicate.not(List::isEmpty)).toList();
    }

    /// A missed deadline is told to whoever wants to be told anything (RFC 2852 §4.1.4).
    private static boolean tellsDelay(Set<Notify> wanted, Set<Mark> due) {
        return due.contains(Mark.DELAY_TOLD) && wanted.contains(Notify.DELAY)
                || due.contains(Mark.DEADLINE_TOLD) && !wanted.isEmpty();
    }

    private static Optional<Action> success(Reach reach, Set<Notify> wanted) {
        boolean success = wanted.contains(Notify.SUCCESS);
        return switch (reach) {
            case DELIVERED -> success ? Optional.of(Action.DELIVERED) : Optional.empty();
            case RELAYED -> success ? Optional.of(Action.RELAYED) : Optional.empty();
            case TRACED -> wanted.isEmpty() ? Optional.empty() : Optional.of(Action.RELAYED);
            case PASSED_ON, NOWHERE -> Optional.empty();
        };
    }
}
