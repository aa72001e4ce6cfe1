package org.posthorn.delivery;

import org.posthorn.api.delivery.Outcome;
import org.posthorn.api.event.MailEvent;
import org.posthorn.api.event.MailObserver;
import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.MessageId;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.mail.ReversePath;
import org.posthorn.queue.Job;
import org.posthorn.queue.Queue;
import org.posthorn.queue.Settlement;

import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;

/// Counts what becomes of jobs, and tells of it. Safe for use by many threads.
final class Ledger {
    private final MailObserver observer;
    private final InstantSource clock;
    private final LongAdder delivered = new LongAdder();
    private final LongAdder deferred = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder bounces = new LongAdder();
    private final LongAdder doubleBounces = new LongAdder();
    private final LongAdder discardedBounces = new LongAdder();

    Ledger(MailObserver observer, InstantSource clock) {
        this.observer = observer;
        this.clock = clock;
    }

    /// Returns how much that was.
    ///
    /// @param active attempts that run now
    /// @param unsettled settlements that the store could not write
    DeliveryCounters counters(long active, long unsettled) {
        return new DeliveryCounters(
                active,
                delivered.sum(),
                deferred.sum(),
                failed.sum(),
                bounces.sum(),
                doubleBounces.sum(),
                discardedBounces.sum(),
                unsettled);
    }

    /// A job was tried, and it was decided what that means.
    void decided(Job job, Decision decision) {
        List<Recipient> recipients = job.envelope().recipients();
        for (int i = 0; i < decision.results().size(); i++) {
            attempted(job, recipients.get(i).mailbox(), decision.results().get(i), decision);
        }
    }

    private void attempted(Job job, Mailbox recipient, Result result, Decision decision) {
        switch (result.outcome()) {
            case Outcome.Delivered _ -> delivered.increment();
            case Outcome.Deferred _ -> deferred.increment();
            case Outcome.Failed _ -> failed.increment();
        }
        boolean waits = result.outcome() instanceof Outcome.Deferred;
        observer.tell(
                new MailEvent.Attempted(
                        clock.instant(),
                        job.message(),
                        recipient,
                        result.by().transport(),
                        result.by().remote(),
                        result.outcome(),
                        result.outcome() instanceof Outcome.Delivered
                                ? Optional.empty()
                                : Optional.of(result.kind()),
                        job.attempts() + 1,
                        waits ? decision.settlement().next() : Optional.empty()));
    }

    /// What was decided was written down.
    void settled(Job job, Decision decision, Queue.Settled settled) {
        for (int i = 0; i < settled.reports().size(); i++) {
            Settlement.Report report = decision.settlement().reports().get(i);
            reported(job, settled.reports().get(i), report, decision.told().get(i));
        }
        if (isBounce(job) && decision.told().isEmpty()) {
            discarded(job, decision);
        }
        if (settled.finished()) {
            observer.tell(new MailEvent.Finished(clock.instant(), job.message()));
        }
    }

    private static boolean isBounce(Job job) {
        return job.envelope().sender().mailbox().isEmpty();
    }

    private void reported(Job job, MessageId report, Settlement.Report written, List<Told> told) {
        Instant now = clock.instant();
        Envelope envelope = written.submission().envelope();
        ReversePath to = ReversePath.of(envelope.recipients().getFirst().mailbox());
        List<Mailbox> recipients = told.stream().map(it -> it.recipient().mailbox()).toList();
        String action = told.getFirst().action().toString();
        if (told.getFirst().action() == Told.Action.FAILED) {
            (isBounce(job) ? doubleBounces : bounces).increment();
            observer.tell(new MailEvent.Bounced(now, job.message(), report, to, recipients));
        } else {
            observer.tell(
                    new MailEvent.Notified(now, job.message(), report, to, action, recipients));
        }
    }

    private void discarded(Job job, Decision decision) {
        List<Recipient> recipients = job.envelope().recipients();
        List<Mailbox> unreached =
                IntStream.range(0, decision.results().size())
                        .filter(i -> decision.results().get(i).outcome() instanceof Outcome.Failed)
                        .mapToObj(i -> recipients.get(i).mailbox())
                        .toList();
        if (!unreached.isEmpty()) {
            discardedBounces.increment();
            observer.tell(new MailEvent.BounceDiscarded(clock.instant(), job.message(), unreached));
        }
    }
}
