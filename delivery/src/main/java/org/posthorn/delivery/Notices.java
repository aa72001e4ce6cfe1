package org.posthorn.delivery;

import org.posthorn.api.delivery.Outcome;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.Notify;
import org.posthorn.api.mail.Recipient;
import org.posthorn.delivery.Told.Action;
import org.posthorn.queue.Job;
import org.posthorn.queue.Mark;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/// Chooses who is told what became of a job: its sender, of what it wants to hear (RFC 3461 §4.1).
/// Mail without a sender tells nobody (RFC 5321 §4.5.5), but that an operator may want to know of a
/// bounce that failed; that this could not be told either is told to nobody at all. Immutable.
///
/// @param doubleBounceRecipient whom an operator wants to be told
record Notices(Optional<Mailbox> doubleBounceRecipient) {

    /// Who is told about a job, if anybody is.
    Optional<Mailbox> addressee(Job job) {
        Optional<Mailbox> sender = job.envelope().sender().mailbox();
        boolean last = job.metadata().containsKey(Reports.DOUBLE_BOUNCE_OF);
        return sender.isPresent() || last ? sender : doubleBounceRecipient;
    }

    /// Returns one group for each report.
    ///
    /// @param results what an attempt came to
    /// @param judged what that means for each recipient
    /// @param due of what the sender is to be told now
    List<List<Told>> told(Job job, List<Result> results, List<Result> judged, Set<Mark> due) {
        if (addressee(job).isEmpty()) {
            return List.of();
        }
        return job.envelope().sender().mailbox().isEmpty()
                ? groups(List.of(failed(job, results, judged)))
                : groups(wanted(job, results, judged, due));
    }

    private static List<List<Told>> groups(List<List<Told>> all) {
        return all.stream().filter(Predicate.not(List::isEmpty)).toList();
    }

    private static List<Told> failed(Job job, List<Result> results, List<Result> judged) {
        return IntStream.range(0, judged.size())
                .filter(i -> judged.get(i).outcome() instanceof Outcome.Failed)
                .mapToObj(i -> told(job, i, Action.FAILED, results, judged))
                .toList();
    }

    private static Told told(
            Job job, int i, Action action, List<Result> results, List<Result> judged) {
        return new Told(
                job.envelope().recipients().get(i),
                action,
                judged.get(i).outcome().reply(),
                results.get(i).outcome().reply(),
                judged.get(i).by());
    }

    private static List<List<Told>> wanted(
            Job job, List<Result> results, List<Result> judged, Set<Mark> due) {
        List<Told> failed = new ArrayList<>();
        List<Told> delayed = new ArrayList<>();
        List<Told> succeeded = new ArrayList<>();
        for (int i = 0; i < judged.size(); i++) {
            Recipient recipient = job.envelope().recipients().get(i);
            Set<Notify> wanted = Notify.of(recipient);
            switch (judged.get(i).outcome()) {
                case Outcome.Failed _ when wanted.contains(Notify.FAILURE) ->
                        failed.add(told(job, i, Action.FAILED, results, judged));
                case Outcome.Deferred _ when tellsDelay(wanted, due) ->
                        delayed.add(told(job, i, Action.DELAYED, results, judged));
                case Outcome.Delivered _ -> {
                    int at = i;
                    success(judged.get(i).reach(), wanted)
                            .map(action -> told(job, at, action, results, judged))
                            .ifPresent(succeeded::add);
                }
                case Outcome.Failed _, Outcome.Deferred _ -> {}
            }
        }
        return List.of(failed, delayed, succeeded);
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
