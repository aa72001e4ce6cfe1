package org.posthorn.queue.scan;

import org.posthorn.queue.scan.Found.Chunks;
import org.posthorn.queue.scan.Found.Unread;
import org.posthorn.queue.scan.Rows.Gap;
import org.posthorn.queue.scan.Rows.Row;
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

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;

/// Goes through the tables of messages side by side, in the order of their keys: all that belongs
/// to a message comes together. For one thread.
///
/// In memory are a page of each table, and where large content was found whose message is yet to
/// come: it has a key of its own, which sorts before its message's.
public final class Walk {
    private final Rows messages;
    private final Rows jobs;
    private final Rows removed;
    private final Rows content;
    private final Consumer<Unread> strays;
    private final Map<MessageKey, Chunks> large = new HashMap<>();

    /// Makes it.
    ///
    /// @param gaps is told of what cannot be read
    /// @param strays is told of rows that no message can have
    public Walk(View view, Consumer<Gap> gaps, Consumer<Unread> strays) {
        this.messages = new Rows(view, Table.MESSAGE, gaps);
        this.jobs = new Rows(view, Table.JOB, gaps);
        this.removed = new Rows(view, Table.REMOVED, gaps);
        this.content = new Rows(view, Table.CONTENT, gaps);
        this.strays = strays;
    }

    /// Returns the next message. One that has content only may be a part of a later one.
    public Optional<Found> next() {
        Optional<MessageKey> key = head();
        while (key.isPresent()) {
            Found found = collect(key.get());
            if (found.message().isPresent()
                    || !found.jobs().isEmpty()
                    || found.gone().isPresent()
                    || !found.removed().isEmpty()
                    || !found.unread().isEmpty()) {
                return Optional.of(found);
            }
            key = head();
        }
        return Optional.empty();
    }

    /// Returns the content that no message had.
    public Map<MessageKey, Chunks> rest() {
        return large;
    }

    private Optional<MessageKey> head() {
        drop(messages, Set.of(MessageKey.LENGTH));
        drop(removed, Set.of(MessageKey.LENGTH, RemovedKey.LENGTH));
        drop(jobs, Set.of(JobKey.LENGTH));
        drop(content, Set.of(JobKey.LENGTH));
        return Stream.of(messages, jobs, removed, content)
                .flatMap(it -> it.peek().stream())
                .map(Walk::message)
                .min(MessageKey::compareTo);
    }

    private void drop(Rows rows, Set<Integer> lengths) {
        while (rows.peek().filter(it -> !lengths.contains(it.key().length)).isPresent()) {
            strays.accept(
                    new Unread(
                            rows.next().orElseThrow(), "its key has not " + lengths + " octets"));
        }
    }

    private static MessageKey message(Row row) {
        return MessageKey.of(Arrays.copyOf(row.key(), MessageKey.LENGTH));
    }

    private Found collect(MessageKey key) {
        List<Unread> unread = new ArrayList<>();
        Optional<MessageRecord> message =
                own(messages, key).flatMap(it -> read(it, MessageRecord::of, unread));
        Optional<RemovedMessage> gone = Optional.empty();
        SortedMap<RemovedKey, RemovedJob> pieces = new TreeMap<>(RemovedKey.ORDER);
        for (var row = own(removed, key); row.isPresent(); row = own(removed, key)) {
            if (row.get().key().length == MessageKey.LENGTH) {
                gone = read(row.get(), RemovedMessage::of, unread);
            } else {
                RemovedKey its = RemovedKey.of(row.get().key());
                read(row.get(), RemovedJob::of, unread).ifPresent(it -> pieces.put(its, it));
            }
        }
        SortedMap<Integer, JobRecord> its = new TreeMap<>();
        for (var row = own(jobs, key); row.isPresent(); row = own(jobs, key)) {
            int number = JobKey.of(row.get().key()).number();
            read(row.get(), JobRecord::of, unread).ifPresent(it -> its.put(number, it));
        }
        chunks(key);
        Found found = new Found(key, message, its, gone, pieces, Optional.empty(), unread);
        Optional<Chunks> chunks = found.content().map(ContentRef::place).map(large::remove);
        return new Found(key, message, its, gone, pieces, chunks, unread);
    }

    private void chunks(MessageKey key) {
        for (var row = own(content, key); row.isPresent(); row = own(content, key)) {
            int number = ByteBuffer.wrap(row.get().key()).getInt(MessageKey.LENGTH);
            int size = row.get().value().length;
            large.merge(key, Chunks.of(number, size), (had, _) -> had.and(number, size));
        }
    }

    private Optional<Row> own(Rows rows, MessageKey key) {
        return rows.peek().filter(it -> message(it).equals(key)).isPresent()
                ? rows.next()
                : Optional.empty();
    }

    private static <T> Optional<T> read(Row row, Function<byte[], T> reader, List<Unread> unread) {
        try {
            return Optional.of(reader.apply(row.value()));
        } catch (CorruptRecordException e) {
            unread.add(new Unread(row, String.valueOf(e.getMessage())));
            return Optional.empty();
        }
    }
}
