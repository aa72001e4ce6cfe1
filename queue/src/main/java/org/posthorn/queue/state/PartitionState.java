package org.posthorn.queue.state;

import org.posthorn.api.mail.Domain;
import org.posthorn.api.mail.Priority;
import org.posthorn.queue.state.StateBatch.Change;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The pure function from facts to changes of the tables, the same for every log. Indexes are
/// derived here and nowhere else.
public final class PartitionState {
    private static final byte[] NOTHING = new Encoder(1).done();

    /// The format of index entries whose priority is not the normal one.
    private static final int RANKED = 2;

    /// The format of index entries that name destination, priority and source.
    private static final int SOURCED = 3;

    private PartitionState() {}

    /// What a fact changes.
    ///
    /// @param edits the changes, in order
    /// @param delta how the counters change
    public record WriteBatch(List<Edit> edits, Tally delta) {}

    /// Returns what facts change.
    public static WriteBatch apply(StateBatch batch) {
        List<Edit> edits = new ArrayList<>();
        Tally delta = Tally.ZERO;
        for (Change change : batch.changes()) {
            delta =
                    delta.plus(
                            switch (change) {
                                case Change.Moved moved -> move(edits, moved);
                                case Change.Imported imported -> bring(edits, imported);
                                case Change.Finished finished -> finish(edits, finished);
                                case Change.Removed removed -> remove(edits, removed);
                                case Change.Purged purged -> purge(edits, purged);
                                case Change.Restored restored -> restore(edits, restored);
                            });
        }
        return new WriteBatch(edits, delta);
    }

    /// Returns what a new message at its position changes.
    public static WriteBatch apply(MessageKey key, Entry entry) {
        List<Edit> edits = new ArrayList<>();
        ContentRef content = entry.content(key);
        write(edits, key, entry.body());
        List<JobRecord> jobs = entry.jobs();
        MessageRecord message =
                new MessageRecord(
                        entry.envelope(),
                        entry.acceptedAt(),
                        entry.metadata(),
                        content,
                        jobs.size());
        edits.add(new Edit.Put(Table.MESSAGE, key.octets(), message.octets()));
        for (int number = 0; number < jobs.size(); number++) {
            put(edits, new JobKey(key, number), jobs.get(number));
        }
        return new WriteBatch(
                edits,
                new Tally(
                        1,
                        jobs.size(),
                        entry.hold().isPresent() ? jobs.size() : 0,
                        content.size(),
                        0));
    }

    private static void write(List<Edit> edits, MessageKey key, Entry.Body body) {
        switch (body) {
            case Entry.Body.Whole(byte[] octets) ->
                    edits.add(new Edit.Put(Table.CONTENT, ContentRef.key(key, 0), octets));
            case Entry.Body.Streamed(byte[] header, ContentRef rest) -> {
                edits.add(new Edit.Put(Table.CONTENT, ContentRef.key(rest.place(), 0), header));
                edits.add(new Edit.Delete(Table.DRAFT, rest.place().octets()));
            }
        }
    }

    private static Tally bring(List<Edit> edits, Change.Imported imported) {
        MessageKey key = imported.message();
        write(edits, key, imported.body());
        edits.add(new Edit.Put(Table.MESSAGE, key.octets(), imported.after().octets()));
        imported.jobs().forEach((number, job) -> put(edits, new JobKey(key, number), job));
        long held = imported.jobs().values().stream().filter(it -> it.hold().isPresent()).count();
        long size = imported.after().content().size();
        return new Tally(1, imported.jobs().size(), held, size, 0);
    }

    /// Returns the entry of a job among a group's parked ones.
    public static Edit park(String group, Waiting waiting) {
        return new Edit.Put(
                Table.PARKED,
                IndexKey.parked(group, waiting.turn(), waiting.job()),
                value(waiting));
    }

    /// Returns what drops content that has no message: its chunks, then the note that it was begun.
    public static List<Edit> drop(ContentRef orphan) {
        List<Edit> edits = new ArrayList<>();
        for (int chunk = orphan.first(); chunk < orphan.end(); chunk++) {
            edits.add(new Edit.Delete(Table.CONTENT, ContentRef.key(orphan.place(), chunk)));
        }
        edits.add(new Edit.Delete(Table.DRAFT, orphan.place().octets()));
        return edits;
    }

    /// Returns the note that large content was begun.
    public static Edit begun(MessageKey place) {
        return new Edit.Put(Table.DRAFT, place.octets(), NOTHING);
    }

    private static Tally move(List<Edit> edits, Change.Moved moved) {
        Optional<JobRecord> after = moved.after();
        unindex(edits, moved.job(), moved.before(), moved.parked());
        if (after.isPresent()) {
            put(edits, moved.job(), after.get());
        } else {
            edits.add(new Edit.Delete(Table.JOB, moved.job().octets()));
        }
        long held = after.filter(it -> it.hold().isPresent()).isPresent() ? 1 : 0;
        return new Tally(
                0,
                after.isPresent() ? 0 : -1,
                held - (moved.before().hold().isPresent() ? 1 : 0),
                0,
                0);
    }

    private static void put(List<Edit> edits, JobKey job, JobRecord record) {
        edits.add(new Edit.Put(Table.JOB, job.octets(), record.octets()));
        edits.add(indexed(job, record));
    }

    /// Returns the entry that a job has in an index before it is parked.
    public static Edit.Put indexed(JobKey job, JobRecord record) {
        return record.hold().isPresent()
                ? new Edit.Put(Table.HELD, job.octets(), NOTHING)
                : new Edit.Put(
                        Table.DUE, IndexKey.due(record.due(), job), value(Waiting.of(job, record)));
    }

    private static void unindex(List<Edit> edits, JobKey job, JobRecord record, boolean parked) {
        if (record.hold().isPresent()) {
            edits.add(new Edit.Delete(Table.HELD, job.octets()));
        } else {
            edits.add(new Edit.Delete(Table.DUE, IndexKey.due(record.due(), job)));
            if (parked) {
                unpark(edits, IndexKey.group(record.destination()), record, job);
                unpark(edits, IndexKey.group(record.source()), record, job);
            }
        }
    }

    private static void unpark(List<Edit> edits, String group, JobRecord record, JobKey job) {
        edits.add(new Edit.Delete(Table.PARKED, IndexKey.parked(group, record.turn(), job)));
    }

    private static Tally finish(List<Edit> edits, Change.Finished finished) {
        long size = finished.before().content().size();
        edits.add(new Edit.Delete(Table.MESSAGE, finished.message().octets()));
        if (finished.kept()) {
            edits.add(
                    new Edit.Put(
                            Table.REMOVED,
                            finished.message().octets(),
                            new RemovedMessage(finished.before()).octets()));
            return new Tally(-1, 0, 0, 0, size);
        }
        dropContent(edits, finished.before());
        return new Tally(-1, 0, 0, -size, 0);
    }

    private static void dropContent(List<Edit> edits, MessageRecord message) {
        ContentRef content = message.content();
        for (int chunk = content.first(); chunk < content.end(); chunk++) {
            edits.add(new Edit.Delete(Table.CONTENT, ContentRef.key(content.place(), chunk)));
        }
    }

    private static Tally remove(List<Edit> edits, Change.Removed removed) {
        edits.addAll(keep(removed.key(), removed.removed()));
        return Tally.ZERO;
    }

    /// Returns what keeps something to be brought back.
    public static List<Edit> keep(RemovedKey key, RemovedJob removed) {
        return List.of(
                new Edit.Put(Table.REMOVED, key.octets(), removed.octets()),
                new Edit.Put(
                        Table.FADING, new IndexKey.Fading(removed.until(), key).octets(), NOTHING));
    }

    private static Tally purge(List<Edit> edits, Change.Purged purged) {
        forget(edits, purged.before());
        if (purged.last().isEmpty()) {
            return Tally.ZERO;
        }
        edits.add(new Edit.Delete(Table.REMOVED, purged.message().octets()));
        dropContent(edits, purged.last().get());
        long size = purged.last().get().content().size();
        return new Tally(0, 0, 0, -size, -size);
    }

    private static Tally restore(List<Edit> edits, Change.Restored restored) {
        MessageKey key = restored.message();
        forget(edits, restored.before());
        restored.jobs().forEach((number, job) -> put(edits, new JobKey(key, number), job));
        edits.add(new Edit.Put(Table.MESSAGE, key.octets(), restored.after().octets()));
        long held = restored.jobs().values().stream().filter(it -> it.hold().isPresent()).count();
        if (!restored.alone()) {
            return new Tally(0, restored.jobs().size(), held, 0, 0);
        }
        edits.add(new Edit.Delete(Table.REMOVED, key.octets()));
        long size = restored.after().content().size();
        return new Tally(1, restored.jobs().size(), held, 0, -size);
    }

    private static void forget(List<Edit> edits, List<IndexKey.Fading> before) {
        for (IndexKey.Fading it : before) {
            edits.add(new Edit.Delete(Table.REMOVED, it.removed().octets()));
            edits.add(new Edit.Delete(Table.FADING, it.octets()));
        }
    }

    private static byte[] value(Waiting waiting) {
        return new Encoder(48, SOURCED)
                .text(waiting.destination().toString())
                .number(waiting.priority() - Priority.LOWEST)
                .text(waiting.source())
                .done();
    }

    private static int priority(Decoder from) {
        return from.since(RANKED)
                ? from.count(Priority.HIGHEST - Priority.LOWEST) + Priority.LOWEST
                : Priority.NORMAL;
    }

    /// Reads an entry of the due index.
    ///
    /// @throws CorruptRecordException when it is none
    public static Waiting due(byte[] key, byte[] value) {
        IndexKey.Due entry = IndexKey.due(key);
        return Decoder.read(
                "due",
                SOURCED,
                value,
                from ->
                        new Waiting(
                                entry.job(),
                                entry.due(),
                                IndexKey.domain(from.text()),
                                priority(from),
                                source(from)));
    }

    private static String source(Decoder from) {
        return from.since(SOURCED) ? from.text() : "";
    }

    /// Reads an entry of the index of parked jobs.
    ///
    /// @throws CorruptRecordException when it is none
    public static Waiting parked(byte[] key, byte[] value) {
        IndexKey.Due entry = IndexKey.parkedDue(key);
        return Decoder.read(
                "parked",
                SOURCED,
                value,
                from -> {
                    String destination = from.since(SOURCED) ? from.text() : IndexKey.group(key);
                    int priority = priority(from);
                    return new Waiting(
                            entry.job(),
                            JobRecord.turn(entry.due(), -priority),
                            IndexKey.domain(destination),
                            priority,
                            source(from));
                });
    }

    /// What an index says of a job.
    ///
    /// @param job which
    /// @param due when it is or was due
    /// @param destination where it goes
    /// @param priority how urgent it is
    /// @param source who answers for it; empty where that is not known
    public record Waiting(
            JobKey job, Instant due, Domain destination, int priority, String source) {
        /// Returns what an index says of a job that is as its record says.
        public static Waiting of(JobKey job, JobRecord record) {
            return new Waiting(
                    job, record.due(), record.destination(), record.priority(), record.source());
        }

        /// Returns its place among those that are parked with it, as [JobRecord#turn] does.
        public Instant turn() {
            return JobRecord.turn(due, priority);
        }

        /// Returns the group of its destination.
        public String lanes() {
            return IndexKey.group(destination);
        }

        /// Returns the group of its source.
        public String share() {
            return IndexKey.group(source);
        }
    }
}
