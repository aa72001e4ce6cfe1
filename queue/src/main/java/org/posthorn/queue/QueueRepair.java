package org.posthorn.queue;

import org.posthorn.queue.rocks.StoreWriter;
import org.posthorn.queue.scan.Found;
import org.posthorn.queue.scan.Rows;
import org.posthorn.queue.scan.Rows.Gap;
import org.posthorn.queue.scan.Walk;
import org.posthorn.queue.state.ContentRef;
import org.posthorn.queue.state.CorruptRecordException;
import org.posthorn.queue.state.Edit;
import org.posthorn.queue.state.Entry;
import org.posthorn.queue.state.JobKey;
import org.posthorn.queue.state.JobRecord;
import org.posthorn.queue.state.MessageKey;
import org.posthorn.queue.state.MessageRecord;
import org.posthorn.queue.state.PartitionState;
import org.posthorn.queue.state.RemovedJob;
import org.posthorn.queue.state.RemovedKey;
import org.posthorn.queue.state.RemovedMessage;
import org.posthorn.queue.state.Table;
import org.posthorn.queue.state.Tally;
import org.posthorn.queue.state.View;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/// Writes a new store of all that can be read of another one: messages that are whole, with their
/// jobs; what can be brought back; indexes and counters as they follow from these. Everything else
/// that is there is set aside ([Table#ASIDE]). For one thread.
final class QueueRepair {
    private static final String HOLD =
            "repair: its record was lost, so it may be delivered already";

    private final View from;
    private final StoreWriter to;
    private final Consumer<String> said;
    private final Map<Integer, Long> next = new HashMap<>();
    private final Map<Integer, Tally> tallies = new HashMap<>();
    private final List<Rows.Gap> gaps = new ArrayList<>();
    private boolean damaged;

    /// Makes it.
    ///
    /// @param said is told what was done about what, a line each
    QueueRepair(View from, StoreWriter to, Consumer<String> said) {
        this.from = from;
        this.to = to;
        this.said = said;
    }

    /// Copies everything.
    ///
    /// @return how much the new store holds
    Tally run() throws IOException {
        Walk walk = new Walk(from, this::gap, it -> damaged = true);
        for (Optional<Found> found = walk.next(); found.isPresent(); found = walk.next()) {
            copy(found.get());
        }
        for (Map.Entry<MessageKey, Found.Chunks> rest : walk.rest().entrySet()) {
            unowned(rest.getKey());
        }
        rows(Table.ASIDE, row -> new Edit.Put(Table.ASIDE, row.key(), row.value()));
        rows(Table.META, this::meta);
        for (Map.Entry<Integer, Long> its : next.entrySet()) {
            Tally tally = tallies.getOrDefault(its.getKey(), Tally.ZERO);
            to.write(
                    List.of(
                            new Edit.Put(
                                    Table.META,
                                    Tally.Stored.key(its.getKey()),
                                    tally.octets(its.getValue()))));
        }
        to.finish();
        return tallies.values().stream().reduce(Tally.ZERO, Tally::plus);
    }

    private void gap(Gap gap) {
        damaged = true;
        gaps.add(gap);
        said.accept(gap.place() + " cannot be read: " + gap.why());
    }

    private interface Copy {
        Edit of(Rows.Row row);
    }

    private void rows(Table table, Copy copy) throws IOException {
        Rows rows = new Rows(from, table, this::gap);
        for (var row = rows.next(); row.isPresent(); row = rows.next()) {
            to.write(List.of(copy.of(row.get())));
        }
    }

    /// Counters are counted anew, but no position is used again.
    private Edit meta(Rows.Row row) {
        Optional<Integer> partition = Tally.Stored.partition(row.key());
        try {
            partition.ifPresent(
                    it -> next.merge(it, Tally.Stored.of(row.value()).nextPosition(), Math::max));
        } catch (CorruptRecordException e) {
            said.accept("the counters of partition " + partition.get() + " were made anew");
        }
        return new Edit.Put(Table.META, row.key(), row.value());
    }

    private void copy(Found found) throws IOException {
        MessageKey key = found.key();
        for (Found.Unread it : found.unread()) {
            aside(it.row().table(), it.row().key(), it.row().value());
            said.accept(
                    "message "
                            + key
                            + ": a row of "
                            + it.row().table()
                            + " was set aside: "
                            + it.why());
            damaged = true;
        }
        used(key);
        SortedMap<RemovedKey, RemovedJob> removed = found.allRemoved();
        Optional<MessageRecord> known =
                found.message().or(() -> found.gone().map(RemovedMessage::message));
        Optional<MessageRecord> message =
                found.message().or(() -> found.jobs().isEmpty() ? Optional.empty() : known);
        if (!found.hasContent() || known.isEmpty()) {
            asideAll(found);
            return;
        }
        if (message.isEmpty() && removed.isEmpty()) {
            said.accept("removed message " + key + ": dropped: there is nothing to bring back");
            return;
        }
        ContentRef ref = found.content().orElseThrow();
        used(ref.place());
        copyContent(ref, false);
        SortedMap<Integer, JobRecord> jobs = new TreeMap<>();
        if (message.isPresent()) {
            jobs = jobs(found, message.get());
            write(key, message.get(), jobs);
        }
        for (Map.Entry<RemovedKey, RemovedJob> it : removed.entrySet()) {
            to.write(PartitionState.keep(it.getKey(), it.getValue()));
        }
        if (message.isEmpty()) {
            byte[] record = new RemovedMessage(known.get()).octets();
            to.write(List.of(new Edit.Put(Table.REMOVED, key.octets(), record)));
        }
        count(key, message.isPresent(), jobs, ref.size());
    }

    private void count(
            MessageKey key, boolean live, SortedMap<Integer, JobRecord> jobs, long size) {
        long held = jobs.values().stream().filter(it -> it.hold().isPresent()).count();
        Tally tally = new Tally(live ? 1 : 0, jobs.size(), held, size, live ? 0 : size);
        tallies.merge(key.partition(), tally, Tally::plus);
    }

    private void used(MessageKey key) {
        next.merge(key.partition(), key.position() + 1, Math::max);
    }

    private void write(MessageKey key, MessageRecord message, SortedMap<Integer, JobRecord> jobs)
            throws IOException {
        int had = Math.max(message.jobs(), jobs.lastKey() + 1);
        List<Edit> edits = new ArrayList<>();
        edits.add(new Edit.Put(Table.MESSAGE, key.octets(), message.having(had).octets()));
        jobs.forEach(
                (number, job) -> {
                    JobKey its = new JobKey(key, number);
                    edits.add(new Edit.Put(Table.JOB, its.octets(), job.octets()));
                    edits.add(PartitionState.indexed(its, job));
                });
        to.write(edits);
    }

    /// Returns a message's jobs; those that were lost are made anew and held.
    private SortedMap<Integer, JobRecord> jobs(Found found, MessageRecord message) {
        SortedMap<Integer, JobRecord> jobs = new TreeMap<>(found.jobs());
        List<JobRecord> first =
                new Entry(
                                message.envelope(),
                                message.acceptedAt(),
                                message.acceptedAt(),
                                message.metadata(),
                                Optional.of(HOLD),
                                new Entry.Body.Whole(new byte[0]))
                        .jobs();
        boolean none = jobs.isEmpty();
        for (int number = 0; number < first.size(); number++) {
            JobKey key = new JobKey(found.key(), number);
            if (none || isLost(found, key)) {
                jobs.put(number, first.get(number));
                said.accept("job " + key + ": made anew and held: " + HOLD);
            }
        }
        return jobs;
    }

    private boolean isLost(Found found, JobKey key) {
        byte[] octets = key.octets();
        return !found.jobs().containsKey(key.number())
                && (found.unread().stream().anyMatch(it -> Arrays.equals(it.row().key(), octets))
                        || gaps.stream()
                                .anyMatch(it -> it.table() == Table.JOB && covers(it, octets)));
    }

    private static boolean covers(Gap gap, byte[] key) {
        return Arrays.compareUnsigned(gap.from(), key) <= 0
                && (gap.end().length == 0 || Arrays.compareUnsigned(key, gap.end()) < 0);
    }

    private void asideAll(Found found) throws IOException {
        MessageKey key = found.key();
        damaged = true;
        if (found.message().isPresent()) {
            aside(Table.MESSAGE, key.octets(), found.message().get().octets());
        }
        if (found.gone().isPresent()) {
            aside(Table.REMOVED, key.octets(), found.gone().get().octets());
        }
        for (Map.Entry<RemovedKey, RemovedJob> it : found.allRemoved().entrySet()) {
            aside(Table.REMOVED, it.getKey().octets(), it.getValue().octets());
        }
        for (Map.Entry<Integer, JobRecord> job : found.jobs().entrySet()) {
            aside(Table.JOB, new JobKey(key, job.getKey()).octets(), job.getValue().octets());
        }
        if (found.content().isPresent()) {
            copyContent(found.content().get(), true);
        }
        said.accept(
                "message "
                        + key
                        + ": set aside"
                        + found.message().map(it -> ", from " + it.envelope().sender()).orElse("")
                        + ": "
                        + (found.hasContent() ? "its record is lost" : "its content is not whole"));
    }

    /// What is left of a message's content when its record was lost is kept; what never had a
    /// record is not.
    private void unowned(MessageKey place) throws IOException {
        boolean draft = from.get(Table.DRAFT, place.octets()).isPresent();
        if (damaged && !draft) {
            copyContent(new ContentRef(place, 0, 0, Integer.MAX_VALUE), true);
        }
        said.accept(
                "content at "
                        + place
                        + ": "
                        + (damaged && !draft ? "set aside" : "dropped")
                        + ": it belongs to no message");
    }

    private void copyContent(ContentRef ref, boolean aside) throws IOException {
        Rows rows =
                new Rows(
                        from,
                        Table.CONTENT,
                        ContentRef.key(ref.place(), ref.first()),
                        ContentRef.key(ref.place(), ref.end()),
                        _ -> {});
        for (var row = rows.next(); row.isPresent(); row = rows.next()) {
            if (aside) {
                aside(Table.CONTENT, row.get().key(), row.get().value());
            } else {
                to.write(List.of(new Edit.Put(Table.CONTENT, row.get().key(), row.get().value())));
            }
        }
    }

    private void aside(Table table, byte[] key, byte[] value) throws IOException {
        to.write(List.of(new Edit.Put(Table.ASIDE, table.asideKey(key), value)));
    }
}
