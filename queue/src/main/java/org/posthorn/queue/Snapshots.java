package org.posthorn.queue;

import org.posthorn.api.mail.MessageId;
import org.posthorn.api.mail.Recipient;
import org.posthorn.queue.QueuedMessage.QueuedJob;
import org.posthorn.queue.QueuedMessage.State;
import org.posthorn.queue.scan.Rows;
import org.posthorn.queue.state.ContentRef;
import org.posthorn.queue.state.CorruptRecordException;
import org.posthorn.queue.state.JobKey;
import org.posthorn.queue.state.JobRecord;
import org.posthorn.queue.state.MessageKey;
import org.posthorn.queue.state.MessageRecord;
import org.posthorn.queue.state.RemovedJob;
import org.posthorn.queue.state.RemovedKey;
import org.posthorn.queue.state.Table;
import org.posthorn.queue.state.View;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// The queue as an operator sees it. Calls may block on the disk.
///
/// @param damage is told of what cannot be read, which is left out of lists
record Snapshots(View view, Progress progress, InstantSource clock, FoundDamage damage) {

    /// What is not on disk.
    interface Progress {
        /// Nobody attempts anything.
        Progress NONE =
                new Progress() {
                    @Override
                    public boolean isActive(JobKey job) {
                        return false;
                    }

                    @Override
                    public String delay(JobRecord job) {
                        return "no server runs";
                    }
                };

        /// Tells whether a job is handed out.
        boolean isActive(JobKey job);

        /// Returns why a job that is due is not handed out.
        String delay(JobRecord job);
    }

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
        Rows rows = new Rows(view, Table.MESSAGE, from, new byte[0], it -> leftOut(it.text()));
        while (messages.size() < limit && rows.peek().isPresent()) {
            Rows.Row row = rows.next().orElseThrow();
            readable(() -> messages.put(MessageKey.of(row.key()), MessageRecord.of(row.value())));
        }
        List<QueuedMessage> page = new ArrayList<>();
        if (!messages.isEmpty()) {
            var jobs =
                    new Records(view)
                            .readableJobs(messages.firstKey(), messages.lastKey(), this::leftOut);
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

    private void readable(Runnable read) {
        try {
            read.run();
        } catch (CorruptRecordException e) {
            leftOut(String.valueOf(e.getMessage()));
        }
    }

    private void leftOut(String what) {
        damage.add("mail is left out of the list: " + what);
    }

    QueuedMessage snapshot(
            MessageKey key, MessageRecord message, SortedMap<Integer, JobRecord> records) {
        List<QueuedJob> jobs = new ArrayList<>();
        records.forEach((number, job) -> jobs.add(job(new JobKey(key, number), message, job)));
        return message(key, message, jobs);
    }

    private static QueuedMessage message(
            MessageKey key, MessageRecord message, List<QueuedJob> jobs) {
        return new QueuedMessage(
                key.id(),
                message.envelope(),
                message.content().size(),
                message.acceptedAt(),
                message.metadata(),
                jobs);
    }

    /// Returns messages of which something can be brought back, in the order of their ids.
    List<QueuedMessage> removed(Optional<MessageId> after, int limit) {
        Set<MessageKey> found = new LinkedHashSet<>();
        byte[] from =
                after.flatMap(MessageKey::of).map(it -> ContentRef.key(it, -1)).orElse(new byte[0]);
        Rows rows = new Rows(view, Table.REMOVED, from, new byte[0], it -> leftOut(it.text()));
        while (found.size() <= limit && rows.peek().isPresent()) {
            byte[] key = rows.next().orElseThrow().key();
            found.add(MessageKey.of(Arrays.copyOf(key, MessageKey.LENGTH)));
        }
        List<QueuedMessage> page = new ArrayList<>();
        found.stream()
                .limit(limit)
                .forEach(key -> readable(() -> findRemoved(key).ifPresent(page::add)));
        return page;
    }

    Optional<QueuedMessage> findRemoved(MessageKey key) {
        Records records = new Records(view);
        SortedMap<RemovedKey, RemovedJob> removed = records.removed(key);
        Optional<MessageRecord> message =
                records.message(key).or(() -> records.removedMessage(key));
        return message.filter(_ -> !removed.isEmpty()).map(it -> removed(key, it, removed));
    }

    private QueuedMessage removed(
            MessageKey key, MessageRecord message, SortedMap<RemovedKey, RemovedJob> removed) {
        List<QueuedJob> jobs = new ArrayList<>();
        removed.forEach((its, job) -> jobs.add(removed(its, message, job)));
        return message(key, message, jobs);
    }

    /// Returns a job that was removed.
    QueuedJob removed(RemovedKey key, MessageRecord message, RemovedJob removed) {
        return job(
                key.job().number(),
                message,
                removed.job(),
                new State.Removed(removed.until()),
                key.job().message());
    }

    /// Returns a job as it is now.
    QueuedJob job(JobKey key, MessageRecord message, JobRecord job) {
        State state =
                progress.isActive(key)
                        ? new State.Active()
                        : job.hold().<State>map(State.Held::new).orElse(new State.Scheduled());
        return job(key.number(), message, job, state, key.message());
    }

    private QueuedJob job(
            int number, MessageRecord message, JobRecord job, State state, MessageKey key) {
        List<Recipient> all = message.envelope().recipients();
        List<QueuedMessage.Waiting> waiting = new ArrayList<>();
        for (JobRecord.Waiting it : job.waiting()) {
            if (it.recipient() >= all.size()) {
                throw new CorruptRecordException(
                        new JobKey(key, number)
                                + ": the job has a recipient that its message has not");
            }
            waiting.add(new QueuedMessage.Waiting(all.get(it.recipient()), it.last()));
        }
        return new QueuedJob(
                number,
                new Destination(job.destination()),
                state,
                job.due(),
                job.attempts(),
                waiting,
                Mark.of(job.marks()),
                job.orders().route(),
                reason(state, job),
                next(state, job),
                job.notes().stream()
                        .map(it -> new QueuedMessage.HistoryEntry(it.at(), it.by(), it.text()))
                        .toList());
    }

    private String reason(State state, JobRecord job) {
        return switch (state) {
            case State.Active() -> "an attempt is in progress";
            case State.Held(String why) -> "held: " + why;
            case State.Removed(Instant until) -> "removed, can be brought back until " + until;
            case State.Scheduled() -> {
                if (!job.due().isAfter(clock.instant())) {
                    yield job.orders()
                            .bounce()
                            .map(why -> "to be returned: " + why)
                            .orElseGet(() -> progress.delay(job));
                }
                String last =
                        job.waiting().getFirst().last().map(it -> it.reply().toString()).orElse("");
                if (last.isEmpty()) {
                    yield job.attempts() == 0 ? "submitted for later" : "tried again later";
                }
                yield job.attempts() == 0 ? last : "the last attempt was deferred: " + last;
            }
        };
    }

    private static Optional<Instant> next(State state, JobRecord job) {
        return switch (state) {
            case State.Active(), State.Scheduled() -> Optional.of(job.due());
            case State.Held(_), State.Removed(_) -> Optional.empty();
        };
    }
}
