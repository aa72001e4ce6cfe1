package org.posthorn.queue;

import org.posthorn.api.mail.MessageId;
import org.posthorn.api.mail.Recipient;
import org.posthorn.queue.QueuedMessage.QueuedJob;
import org.posthorn.queue.QueuedMessage.State;
import org.posthorn.queue.state.CorruptRecordException;
import org.posthorn.queue.state.JobKey;
import org.posthorn.queue.state.JobRecord;
import org.posthorn.queue.state.MessageKey;
import org.posthorn.queue.state.MessageRecord;
import org.posthorn.queue.state.Table;
import org.posthorn.queue.state.View;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The queue as an operator sees it. Calls may block on the disk.
record Snapshots(View view, Dispatch dispatch) {
    private static final Logger LOG = LoggerFactory.getLogger(Snapshots.class);

    Optional<QueuedMessage> find(MessageKey key) {
        return new Records(view).message(key).map(it -> snapshot(key, it));
    }

    List<QueuedMessage> list(Optional<MessageId> after, int limit) {
        List<QueuedMessage> page = new ArrayList<>();
        byte[] from =
                after.flatMap(MessageKey::of)
                        .map(it -> Arrays.copyOf(it.octets(), MessageKey.LENGTH + 1))
                        .orElse(new byte[0]);
        view.scan(
                Table.MESSAGE,
                from,
                new byte[0],
                (key, value) -> {
                    try {
                        page.add(snapshot(MessageKey.of(key), MessageRecord.of(value)));
                    } catch (CorruptRecordException e) {
                        LOG.error("a message is left out of the list: {}", e.getMessage());
                    }
                    return page.size() < limit;
                });
        return page;
    }

    private QueuedMessage snapshot(MessageKey key, MessageRecord message) {
        List<QueuedJob> jobs = new ArrayList<>();
        new Records(view)
                .jobs(key)
                .forEach(
                        (number, job) -> jobs.add(snapshot(new JobKey(key, number), message, job)));
        return new QueuedMessage(
                key.id(),
                message.envelope(),
                message.content().size(),
                message.acceptedAt(),
                message.metadata(),
                jobs);
    }

    private QueuedJob snapshot(JobKey key, MessageRecord message, JobRecord job) {
        List<Recipient> all = message.envelope().recipients();
        List<QueuedMessage.Waiting> waiting = new ArrayList<>();
        for (JobRecord.Waiting it : job.waiting()) {
            if (it.recipient() >= all.size()) {
                throw new CorruptRecordException(
                        key + ": the job has a recipient that its message has not");
            }
            waiting.add(new QueuedMessage.Waiting(all.get(it.recipient()), it.last()));
        }
        State state =
                dispatch.find(key).isPresent()
                        ? new State.Active()
                        : job.hold().<State>map(State.Held::new).orElse(new State.Scheduled());
        return new QueuedJob(
                key.number(),
                new Destination(job.destination()),
                state,
                job.due(),
                job.attempts(),
                waiting);
    }
}
