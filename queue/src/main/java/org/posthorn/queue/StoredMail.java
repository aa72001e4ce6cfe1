package org.posthorn.queue;

import org.posthorn.api.mail.Content;
import org.posthorn.api.mail.MessageId;
import org.posthorn.queue.QueuedMessage.QueuedJob;
import org.posthorn.queue.rocks.StoredView;
import org.posthorn.queue.scan.Rows;
import org.posthorn.queue.scan.Rows.Gap;
import org.posthorn.queue.state.ContentRef;
import org.posthorn.queue.state.CorruptRecordException;
import org.posthorn.queue.state.JobRecord;
import org.posthorn.queue.state.MessageKey;
import org.posthorn.queue.state.MessageRecord;
import org.posthorn.queue.state.Table;
import org.posthorn.queue.state.Tally;

import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// The messages of a store that no server uses, a stopped server's or a copy, to be taken to
/// another queue. For one thread.
public final class StoredMail implements AutoCloseable {
    private final StoredView view;
    private final Records records;
    private final Snapshots snapshots;

    private StoredMail(StoredView view, InstantSource clock) {
        this.view = view;
        this.records = new Records(view);
        this.snapshots = new Snapshots(view, Snapshots.Progress.NONE, clock, new FoundDamage());
    }

    /// Takes messages.
    public interface Taker {
        /// Takes a message.
        ///
        /// @param message it, with the jobs that are meant
        /// @param content valid until the store is closed
        /// @throws IOException when it cannot be taken: nothing else is shown then
        void take(PortableMessage message, Content content) throws IOException;

        /// Hears of something that cannot be read; the rest is shown.
        ///
        /// @param what which, and why
        void unreadable(String what);
    }

    /// Opens a store. Nothing in it changes.
    ///
    /// @param directory where it is
    /// @param clock what time it is for those who choose
    /// @throws IOException when there is none, a server uses it, or it cannot be opened; the
    /// message
    ///     says what to do
    public static StoredMail open(Path directory, InstantSource clock) throws IOException {
        return new StoredMail(StoredView.open(directory, false), clock);
    }

    /// Returns how many messages there are. Cheap: counters, no counting.
    public long messages() {
        long[] sum = {0};
        view.scan(
                Table.META,
                new byte[0],
                new byte[0],
                (key, value) -> {
                    if (Tally.Stored.partition(key).isPresent()) {
                        sum[0] += Tally.Stored.of(value).tally().messages();
                    }
                    return true;
                });
        return sum[0];
    }

    /// Shows messages in the order of their ids.
    ///
    /// @param only the one that is meant; nothing for all
    /// @param which tells of each message which of its jobs are meant; without any, it is not shown
    /// @throws IOException when the taker does
    public void each(
            Optional<MessageId> only,
            Function<QueuedMessage, Predicate<QueuedJob>> which,
            Taker taker)
            throws IOException {
        Optional<MessageKey> key = only.flatMap(MessageKey::of);
        if (only.isPresent() && key.isEmpty()) {
            return;
        }
        byte[] from = key.map(MessageKey::octets).orElse(new byte[0]);
        byte[] end = key.map(it -> ContentRef.key(it, 0)).orElse(new byte[0]);
        Rows rows = new Rows(view, Table.MESSAGE, from, end, gap -> taker.unreadable(text(gap)));
        for (var row = rows.next(); row.isPresent(); row = rows.next()) {
            Optional<Chosen> chosen = Optional.empty();
            try {
                chosen = chosen(row.get(), which);
            } catch (CorruptRecordException | IllegalArgumentException e) {
                String place = Gap.place(row.get().key());
                taker.unreadable("message at " + place + ": " + e.getMessage());
            }
            if (chosen.isPresent()) {
                taker.take(chosen.get().message(), chosen.get().content());
            }
        }
    }

    private static String text(Rows.Gap gap) {
        return "messages from %s to %s: %s"
                .formatted(Gap.place(gap.from()), Gap.place(gap.end()), gap.why());
    }

    private record Chosen(PortableMessage message, Content content) {}

    private Optional<Chosen> chosen(
            Rows.Row row, Function<QueuedMessage, Predicate<QueuedJob>> which) {
        MessageKey key = MessageKey.of(row.key());
        MessageRecord message = MessageRecord.of(row.value());
        SortedMap<Integer, JobRecord> jobs = records.jobs(key);
        QueuedMessage seen = snapshots.snapshot(key, message, jobs);
        Set<Integer> numbers =
                seen.jobs().stream()
                        .filter(which.apply(seen))
                        .map(QueuedJob::number)
                        .collect(Collectors.toSet());
        return numbers.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new Chosen(
                                Portage.of(key.id(), message, jobs, numbers),
                                view.content(message.content())));
    }

    @Override
    public void close() throws IOException {
        view.close();
    }
}
