package org.posthorn.queue;

import org.posthorn.queue.Finding.Kind;
import org.posthorn.queue.scan.Found;
import org.posthorn.queue.scan.Rows;
import org.posthorn.queue.scan.Rows.Gap;
import org.posthorn.queue.scan.Walk;
import org.posthorn.queue.state.ContentRef;
import org.posthorn.queue.state.CorruptRecordException;
import org.posthorn.queue.state.JobKey;
import org.posthorn.queue.state.JobRecord;
import org.posthorn.queue.state.MessageKey;
import org.posthorn.queue.state.MessageRecord;
import org.posthorn.queue.state.RemovedMessage;
import org.posthorn.queue.state.Table;
import org.posthorn.queue.state.Tally;
import org.posthorn.queue.state.View;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/// Checks what is true of the tables whenever nothing is under way.
///
/// Each job has its message and one entry in one index; each message has a job and all of its
/// content, and so has what can be brought back, which has an entry that says for how long; nothing
/// else is in these tables, and the counters are what counting finds. Only in the index of parked
/// jobs there may be entries that lead nowhere: they are removed when they are read.
///
/// All of it is read, content too. In memory is a little of each table. For one thread.
final class QueueCheck {
    private final View view;
    private final Consumer<Finding> findings;
    private final boolean drafts;
    private final Map<Integer, Counted> partitions = new HashMap<>();

    /// What counting finds in a partition.
    private record Counted(long highest, Tally tally) {
        Counted and(Counted other) {
            return new Counted(Math.max(highest, other.highest), tally.plus(other.tally));
        }
    }

    /// Makes it.
    ///
    /// @param findings is told of what is wrong
    /// @param drafts whether large content may be under way
    QueueCheck(View view, Consumer<Finding> findings, boolean drafts) {
        this.view = view;
        this.findings = findings;
        this.drafts = drafts;
    }

    /// Reads everything.
    ///
    /// @return how much there is
    Tally run() {
        Walk walk = new Walk(view, this::gap, it -> unread(it.row(), it.why()));
        for (Optional<Found> found = walk.next(); found.isPresent(); found = walk.next()) {
            check(found.get());
        }
        walk.rest().forEach(this::orphan);
        if (!drafts) {
            each(
                    Table.DRAFT,
                    key -> say(Kind.ORPHAN, "draft " + key, "it never got a message"),
                    MessageKey::of);
        }
        new IndexCheck(view, findings).run(this::gap);
        return partitions.values().stream().map(Counted::tally).reduce(Tally.ZERO, Tally::plus);
    }

    private void say(Kind kind, String subject, String problem) {
        findings.accept(new Finding(kind, subject, problem));
    }

    private void gap(Gap gap) {
        say(Kind.UNREADABLE, gap.place(), gap.why());
    }

    private void unread(Rows.Row row, String why) {
        say(Kind.UNREADABLE, row.table() + " " + Gap.place(row.key()), why);
    }

    private void check(Found found) {
        String name = "message " + found.key();
        found.unread().forEach(it -> unread(it.row(), it.why()));
        boolean whole = found.unread().isEmpty();
        if (whole && found.message().isPresent() && found.jobs().isEmpty()) {
            say(Kind.LOST, name, "it has no job, so nothing is done with it");
        }
        if (whole && found.message().isEmpty() && !found.jobs().isEmpty()) {
            say(Kind.LOST, name, "it has jobs and no record that says from whom and for whom");
        }
        found.content()
                .filter(_ -> !found.hasContent())
                .ifPresent(ref -> say(Kind.LOST, name, missing(found, ref)));
        found.message()
                .ifPresent(
                        message ->
                                found.jobs()
                                        .forEach((n, job) -> fits(found.key(), n, job, message)));
        if (whole) {
            checkRemoved(found);
        }
        count(found);
    }

    private static String missing(Found found, ContentRef ref) {
        return found.chunks()
                .map(
                        it ->
                                "its content has %d octets in %d chunks, and must have %d in %d"
                                        .formatted(
                                                it.size(),
                                                it.count(),
                                                ref.size(),
                                                ref.end() - ref.first()))
                .orElse("its content is gone");
    }

    private void fits(MessageKey key, int number, JobRecord job, MessageRecord message) {
        int recipients = message.envelope().recipients().size();
        if (number < 0
                || number >= message.jobs()
                || job.waiting().isEmpty()
                || job.waiting().stream().anyMatch(it -> it.recipient() >= recipients)) {
            say(
                    Kind.UNREADABLE,
                    "job " + new JobKey(key, number),
                    "it does not fit its message: another number, or other recipients");
        }
    }

    private void checkRemoved(Found found) {
        String name = "removed message " + found.key();
        boolean folded = found.gone().flatMap(RemovedMessage::folded).isPresent();
        boolean nothing = found.allRemoved().isEmpty();
        if (found.message().isEmpty() && found.gone().isEmpty() && !nothing) {
            say(Kind.LOST, name, "it has jobs and no record that says from whom and for whom");
        }
        if (found.gone().isPresent() && nothing) {
            say(Kind.ORPHAN, name, "there is nothing to bring back");
        }
        if (found.message().isPresent() && found.gone().isPresent() && !folded) {
            say(Kind.ORPHAN, name, "the message is still here");
        }
        if (found.message().isPresent()
                && found.gone()
                        .filter(
                                it ->
                                        !it.message()
                                                .content()
                                                .equals(found.message().get().content()))
                        .isPresent()) {
            say(Kind.UNREADABLE, name, "it has other content than the message that is left");
        }
    }

    private void count(Found found) {
        long size = found.content().map(ContentRef::size).orElse(0L);
        boolean live = found.message().isPresent();
        Tally tally =
                new Tally(
                        live ? 1 : 0,
                        found.jobs().size(),
                        found.jobs().values().stream().filter(it -> it.hold().isPresent()).count(),
                        size,
                        live ? 0 : size);
        partitions.merge(
                found.key().partition(), new Counted(found.key().position(), tally), Counted::and);
    }

    private void orphan(MessageKey place, Found.Chunks chunks) {
        if (!drafts || view.get(Table.DRAFT, place.octets()).isEmpty()) {
            say(
                    Kind.ORPHAN,
                    "content at " + place,
                    chunks.size() + " octets that belong to no message");
        }
    }

    private <T> void each(Table table, Consumer<T> taker, Function<byte[], T> reader) {
        Rows rows = new Rows(view, table, this::gap);
        for (var row = rows.next(); row.isPresent(); row = rows.next()) {
            try {
                taker.accept(reader.apply(row.get().key()));
            } catch (CorruptRecordException e) {
                unread(row.get(), String.valueOf(e.getMessage()));
            }
        }
    }

    /// Compares the counters with what was counted before.
    void checkCounters() {
        Rows rows = new Rows(view, Table.META, this::gap);
        Map<Integer, Counted> left = new HashMap<>(partitions);
        for (var row = rows.next(); row.isPresent(); row = rows.next()) {
            Optional<Integer> partition = Tally.Stored.partition(row.get().key());
            try {
                if (partition.isPresent()) {
                    Tally.Stored stored = Tally.Stored.of(row.get().value());
                    compare(
                            partition.get(),
                            stored,
                            Optional.ofNullable(left.remove(partition.get())));
                }
            } catch (CorruptRecordException e) {
                unread(row.get(), String.valueOf(e.getMessage()));
            }
        }
        left.forEach(
                (partition, counted) ->
                        compare(partition, new Tally.Stored(0, Tally.ZERO), Optional.of(counted)));
    }

    private void compare(int partition, Tally.Stored stored, Optional<Counted> found) {
        Counted counted = found.orElse(new Counted(-1, Tally.ZERO));
        if (!stored.tally().equals(counted.tally)) {
            say(
                    Kind.COUNTER,
                    "partition " + partition,
                    stored.tally() + ", and counting finds " + counted.tally);
        }
        if (stored.nextPosition() <= counted.highest) {
            say(
                    Kind.COUNTER,
                    "partition " + partition,
                    "the next position is "
                            + stored.nextPosition()
                            + ", and "
                            + counted.highest
                            + " is in use");
        }
    }
}
