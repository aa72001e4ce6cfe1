package org.posthorn.queue;

import org.posthorn.queue.scan.Rows;
import org.posthorn.queue.state.ContentRef;
import org.posthorn.queue.state.CorruptRecordException;
import org.posthorn.queue.state.JobKey;
import org.posthorn.queue.state.JobRecord;
import org.posthorn.queue.state.MessageKey;
import org.posthorn.queue.state.MessageRecord;
import org.posthorn.queue.state.RemovedJob;
import org.posthorn.queue.state.RemovedKey;
import org.posthorn.queue.state.RemovedMessage;
import org.posthorn.queue.state.Table;
import org.posthorn.queue.state.View;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// Reads messages and jobs from the tables. Calls may block on the disk.
record Records(View view) {
    Optional<MessageRecord> message(MessageKey key) {
        return named(
                key.toString(), () -> view.get(Table.MESSAGE, key.octets()).map(MessageRecord::of));
    }

    Optional<JobRecord> job(JobKey key) {
        return named(key.toString(), () -> view.get(Table.JOB, key.octets()).map(JobRecord::of));
    }

    /// Returns a message of which nothing is left but what can be brought back.
    Optional<MessageRecord> removedMessage(MessageKey key) {
        return named(
                key.toString(),
                () ->
                        view.get(Table.REMOVED, key.octets())
                                .map(it -> RemovedMessage.of(it).message()));
    }

    /// Returns what was removed of a message and can be brought back.
    SortedMap<RemovedKey, RemovedJob> removed(MessageKey message) {
        SortedMap<RemovedKey, RemovedJob> removed = new TreeMap<>(RemovedKey.ORDER);
        view.scan(
                Table.REMOVED,
                first(message),
                end(message),
                (key, value) -> {
                    RemovedKey its = RemovedKey.of(key);
                    removed.put(its, named(its.toString(), () -> RemovedJob.of(value)));
                    return true;
                });
        return removed;
    }

    /// Tells whether something of a message can be brought back.
    ///
    /// @param but what does not count
    boolean hasRemoved(MessageKey message, Set<RemovedKey> but) {
        boolean[] found = {false};
        view.scan(
                Table.REMOVED,
                first(message),
                end(message),
                (key, _) -> {
                    found[0] = !but.contains(RemovedKey.of(key));
                    return !found[0];
                });
        return found[0];
    }

    /// Returns where the next piece is kept that is removed of a job.
    RemovedKey nextRemoved(JobKey job) {
        int[] next = {0};
        view.scan(
                Table.REMOVED,
                new RemovedKey(job, 0).octets(),
                new RemovedKey(job, -1).octets(),
                (key, _) -> {
                    next[0] = RemovedKey.of(key).piece() + 1;
                    return true;
                });
        return new RemovedKey(job, next[0]);
    }

    /// Returns the jobs that a message has left, by number.
    SortedMap<Integer, JobRecord> jobs(MessageKey message) {
        return jobs(message, message).getOrDefault(message, new TreeMap<>());
    }

    /// Returns the jobs that messages have left, from one message to another.
    Map<MessageKey, SortedMap<Integer, JobRecord>> jobs(MessageKey first, MessageKey last) {
        Map<MessageKey, SortedMap<Integer, JobRecord>> jobs = new HashMap<>();
        view.scan(
                Table.JOB,
                first(first),
                end(last),
                (key, value) -> {
                    JobKey job = JobKey.of(key);
                    JobRecord record = named(job.toString(), () -> JobRecord.of(value));
                    jobs.computeIfAbsent(job.message(), _ -> new TreeMap<>())
                            .put(job.number(), record);
                    return true;
                });
        return jobs;
    }

    /// Tells whether there is or was a message of which something is kept.
    boolean isKnown(MessageKey key) {
        return hasAny(Table.MESSAGE, key) || hasAny(Table.REMOVED, key);
    }

    /// Tells whether content stands at a message's own key.
    boolean hasContent(MessageKey key) {
        return hasAny(Table.CONTENT, key);
    }

    private boolean hasAny(Table table, MessageKey key) {
        boolean[] found = {false};
        view.scan(
                table,
                key.octets(),
                end(key),
                (_, _) -> {
                    found[0] = true;
                    return false;
                });
        return found[0];
    }

    /// Returns the jobs that messages have left and that can be read, from one message to another.
    ///
    /// @param damage is told of the others
    Map<MessageKey, SortedMap<Integer, JobRecord>> readableJobs(
            MessageKey first, MessageKey last, Consumer<String> damage) {
        Map<MessageKey, SortedMap<Integer, JobRecord>> jobs = new HashMap<>();
        Rows rows =
                new Rows(view, Table.JOB, first(first), end(last), it -> damage.accept(it.text()));
        for (var row = rows.next(); row.isPresent(); row = rows.next()) {
            try {
                JobKey job = JobKey.of(row.get().key());
                byte[] octets = row.get().value();
                JobRecord record = named(job.toString(), () -> JobRecord.of(octets));
                jobs.computeIfAbsent(job.message(), _ -> new TreeMap<>()).put(job.number(), record);
            } catch (CorruptRecordException e) {
                damage.accept(String.valueOf(e.getMessage()));
            }
        }
        return jobs;
    }

    /// Tells whether a message has a job left besides one. Where that cannot be read, it may have.
    boolean hasOther(JobKey job) {
        byte[] own = job.octets();
        boolean[] found = {false};
        try {
            view.scan(
                    Table.JOB,
                    first(job.message()),
                    end(job.message()),
                    (key, _) -> {
                        found[0] |= !Arrays.equals(key, own);
                        return !found[0];
                    });
            return found[0];
        } catch (CorruptRecordException _) {
            return true;
        }
    }

    private static byte[] first(MessageKey message) {
        return ContentRef.key(message, 0);
    }

    private static byte[] end(MessageKey message) {
        return ContentRef.key(message, -1);
    }

    private static <T> T named(String name, Supplier<T> read) {
        try {
            return read.get();
        } catch (CorruptRecordException e) {
            throw new CorruptRecordException(name + ": " + e.getMessage(), e);
        }
    }
}
