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
import java.util.SortedMap;
import java.util.TreeMap;

/// The queue as an operator sees it. Calls may block on the disk.
record Snapshots(View view, Dispatch dispatch) {
    private static final Logger LOG = LoggerFactory.getLogger(Snapshots.class);

    Optional<QueuedMessage> find(MessageKey key) {
        Records records = new Records(view);
        return records.message(key)
                .map(
                        it ->
                                snapshot(
                                        key,
                                        it,
                                        records.jobs(key, key).getOrDefault(key, new TreeMap<>())));
    }

    List<QueuedMessage> list(Optional<MessageId> after, int limit) {
        byte[] from =
                after.flatMap(MessageKey::of)
                        .map(it -> Arrays.copyOf(it.octets(), MessageKey.LENGTH + 1))
                        .orElse(new byte[0]);
        SortedMap<MessageKey, MessageRecord> messages = new TreeMap<>();
        view.scan(
                Table.MESSAGE,
                from,
                new byte[0],
                (key, value) -> {
                    readable(() -> messages.put(MessageKey.of(key), MessageRecord.of(value)));
                    return messages.size() < limit;
                });
        List<QueuedMessage> page = new ArrayList<>();
        if (!messages.isEmpty()) {
            var jobs = new Records(view).jobs(messages.firstKey(), messages.lastKey());
            messages.forEach(
                    (key, message) ->
                            readable(
                                    () ->
                                            page.add(
                                                    snapshot(
                                                            key,
                                                            message,
                                                            jobs.getOrDefault(
                                                                    key, new TreeMap<>())))));
        }
        return page;
    }

    private static void readable(Runnable read) {
        try {
            read.run();
        } catch (CorruptRecordException e) {
            LOG.error("a message is left out of the list: {}", e.getMessage());
        }
    }

    private QueuedMessage snapshot(
            MessageKey key, MessageRecord message, SortedMap<Integer, JobRecord> records) {
        List<QueuedJob> jobs = new ArrayList<>();
        records.forEach((number, job) -> jobs.add(snapshot(new JobKey(key, number), message, job)));
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
