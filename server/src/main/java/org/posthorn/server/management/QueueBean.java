package org.posthorn.server.management;

import org.posthorn.api.event.MailEvent;
import org.posthorn.api.event.MailObserver;
import org.posthorn.api.mail.Domain;
import org.posthorn.api.mail.MessageId;
import org.posthorn.queue.Destination;
import org.posthorn.queue.Operation;
import org.posthorn.queue.Queue;
import org.posthorn.queue.QueuedMessage;
import org.posthorn.queue.QueuedMessage.State;
import org.posthorn.server.mxbean.QueueEntry;
import org.posthorn.server.mxbean.QueueMXBean;

import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/// The queue behind its contract.
public final class QueueBean implements QueueMXBean {
    private static final Operation.By BY = new Operation.By("operator", "");

    private final Queue queue;
    private final MailObserver observer;
    private final InstantSource clock;

    /// Makes one.
    ///
    /// @param observer is told of operations
    public QueueBean(Queue queue, MailObserver observer, InstantSource clock) {
        this.queue = queue;
        this.observer = observer;
        this.clock = clock;
    }

    @Override
    public long getMessages() {
        return queue.counts().messages();
    }

    @Override
    public long getJobs() {
        return queue.counts().jobs();
    }

    @Override
    public long getActive() {
        return queue.counts().active();
    }

    @Override
    public long getHeld() {
        return queue.counts().held();
    }

    @Override
    public List<QueueEntry> list(String after, int limit) {
        if (limit < 1 || limit > 10_000) {
            throw new IllegalArgumentException("limit must be 1 to 10000, not " + limit);
        }
        Optional<MessageId> last =
                after.isEmpty() ? Optional.empty() : Optional.of(new MessageId(after));
        return queue.list(last, limit).stream().map(QueueBean::entry).toList();
    }

    @Override
    public List<QueueEntry> show(String id) {
        return queue.find(new MessageId(id)).map(QueueBean::entry).stream().toList();
    }

    @Override
    public boolean retry(String id) {
        return operate("retry", id, new Operation.Retry());
    }

    @Override
    public int retryDestination(String domain) {
        Domain destination = Domain.parse(domain);
        int jobs = queue.retry(new Destination(destination));
        observer.tell(new MailEvent.Retried(clock.instant(), destination, jobs));
        return jobs;
    }

    @Override
    public boolean hold(String id, String reason) {
        return operate("hold", id, new Operation.Hold(reason));
    }

    @Override
    public boolean release(String id) {
        return operate("release", id, new Operation.Release());
    }

    @Override
    public boolean delete(String id) {
        return operate("delete", id, new Operation.Delete());
    }

    private boolean operate(String operation, String id, Operation change) {
        MessageId message = new MessageId(id);
        boolean done = queue.operate(message, _ -> true, change, BY).isPresent();
        if (done) {
            observer.tell(new MailEvent.Operated(clock.instant(), message, operation));
        }
        return done;
    }

    private static QueueEntry entry(QueuedMessage message) {
        return new QueueEntry(
                message.id().toString(),
                message.envelope().sender().toString(),
                message.size(),
                message.acceptedAt().toString(),
                message.jobs().stream().map(QueueBean::job).toList());
    }

    private static QueueEntry.QueuedJob job(QueuedMessage.QueuedJob job) {
        return new QueueEntry.QueuedJob(
                job.destination().toString(),
                switch (job.state()) {
                    case State.Scheduled _ -> "scheduled";
                    case State.Active _ -> "active";
                    case State.Held _ -> "held";
                    case State.Removed _ -> "removed";
                },
                job.state() instanceof State.Held(String reason) ? reason : "",
                job.due().toString(),
                job.attempts(),
                job.waiting().stream().map(QueueBean::recipient).toList());
    }

    private static QueueEntry.QueuedRecipient recipient(QueuedMessage.Waiting waiting) {
        return new QueueEntry.QueuedRecipient(
                waiting.recipient().mailbox().toString(),
                waiting.last().map(outcome -> outcome.reply().toString()).orElse(""));
    }
}
