package org.posthorn.queue.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.posthorn.api.intake.QueueUnavailableException;
import org.posthorn.api.mail.Content;
import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.Parameters;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.mail.ReversePath;
import org.posthorn.queue.state.ContentRef;
import org.posthorn.queue.state.Entry;
import org.posthorn.queue.state.JobKey;
import org.posthorn.queue.state.JobRecord;
import org.posthorn.queue.state.MessageKey;
import org.posthorn.queue.state.MessageRecord;
import org.posthorn.queue.state.StateBatch;
import org.posthorn.queue.state.StateBatch.Change;
import org.posthorn.queue.state.Table;
import org.posthorn.queue.state.Tally;

import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/// What every log keeps: the compatibility kit. One test class per log implements [#bench].
@Timeout(60)
interface QueueLogContract {
    Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    /// Returns the log to be tested, on an empty disk.
    Bench bench() throws IOException;

    /// A disk, and the log on it.
    interface Bench extends AutoCloseable {
        /// Opens the log on the disk and starts it. The one before is closed or crashed.
        QueueLog open(OwnerCallback owner) throws IOException;

        /// Ends the open log as a kill does: nothing is finished, and what was not synced may be
        /// lost.
        void crash() throws IOException;

        /// Lets the log work until a stage is done, and returns or throws its result.
        <T> T done(CompletionStage<T> stage);

        @Override
        void close() throws IOException;
    }

    /// Remembers what it was told.
    final class Owner implements OwnerCallback {
        final Map<Integer, Lease> leases = new HashMap<>();
        final List<MessageKey> appended = new ArrayList<>();

        @Override
        public synchronized void assigned(Lease lease, Restore restore) {
            leases.put(lease.partition(), lease);
        }

        @Override
        public synchronized void revoked(Lease lease, Instant deadline) {
            leases.remove(lease.partition());
        }

        @Override
        public synchronized void lost(Lease lease) {
            leases.remove(lease.partition());
        }

        @Override
        public synchronized void appended(Lease lease, MessageKey key, Entry entry) {
            appended.add(key);
        }

        Lease lease(int partition) {
            return leases.get(partition);
        }
    }

    private static Envelope envelope(String to) {
        return Envelope.from(ReversePath.NULL, Parameters.NONE).to(Recipient.of(Mailbox.parse(to)));
    }

    private static Entry small(String text) {
        return new Entry(
                envelope("leo@example.net"),
                NOON,
                NOON,
                Map.of("k", "v"),
                Optional.empty(),
                new Entry.Body.Whole(text.getBytes()));
    }

    private static Entry large(String header, ContentRef rest) {
        return new Entry(
                envelope("leo@example.net"),
                NOON,
                NOON,
                Map.of(),
                Optional.empty(),
                new Entry.Body.Streamed(header.getBytes(), rest));
    }

    private static String text(Content content) throws IOException {
        try (InputStream in = content.open()) {
            return new String(in.readAllBytes());
        }
    }

    private static MessageRecord message(QueueLog log, MessageKey key) {
        return MessageRecord.of(log.view().get(Table.MESSAGE, key.octets()).orElseThrow());
    }

    private static Change.Moved done(QueueLog log, MessageKey key) {
        JobKey job = new JobKey(key, 0);
        return new Change.Moved(
                job,
                JobRecord.of(log.view().get(Table.JOB, job.octets()).orElseThrow()),
                Optional.empty(),
                false);
    }

    private static int rows(QueueLog log, Table table) {
        int[] count = {0};
        log.view().scan(table, new byte[0], new byte[0], (_, _) -> ++count[0] > 0);
        return count[0];
    }

    @Test
    default void assignsAllPartitionsAtTheStart() throws IOException {
        try (Bench bench = bench()) {
            Owner owner = new Owner();
            QueueLog log = bench.open(owner);
            assertThat(owner.leases).hasSize(log.partitions());
            log.close();
            Owner next = new Owner();
            bench.open(next);
            assertThat(next.lease(0).epoch()).isGreaterThan(owner.lease(0).epoch());
        }
    }

    @Test
    default void keepsAnAcknowledgedMessageThroughACrash() throws IOException {
        try (Bench bench = bench()) {
            Owner owner = new Owner();
            MessageKey key = bench.done(bench.open(owner).append(1, small("hello")));
            assertThat(owner.appended).containsExactly(key);
            bench.crash();
            QueueLog log = bench.open(new Owner());
            assertThat(message(log, key).envelope()).isEqualTo(envelope("leo@example.net"));
            assertThat(text(log.open(message(log, key).content()))).isEqualTo("hello");
            assertThat(log.tally()).isEqualTo(new Tally(1, 1, 0, 5, 0));
        }
    }

    @Test
    default void keepsAFinishedMessageFinishedThroughACrash() throws IOException {
        try (Bench bench = bench()) {
            Owner owner = new Owner();
            QueueLog log = bench.open(owner);
            MessageKey key = bench.done(log.append(1, small("hello")));
            bench.done(
                    log.commit(
                            owner.lease(1),
                            StateBatch.of(
                                    List.of(
                                            done(log, key),
                                            new Change.Finished(key, message(log, key), false)))));
            bench.crash();
            QueueLog next = bench.open(new Owner());
            for (Table table : List.of(Table.MESSAGE, Table.JOB, Table.DUE, Table.CONTENT)) {
                assertThat(rows(next, table)).as(table.name()).isZero();
            }
            assertThat(next.tally()).isEqualTo(Tally.ZERO);
        }
    }

    @Test
    default void makesABounceWithTheSettlementThatItReports() throws IOException {
        try (Bench bench = bench()) {
            Owner owner = new Owner();
            QueueLog log = bench.open(owner);
            MessageKey key = bench.done(log.append(1, small("hello")));
            List<MessageKey> births =
                    bench.done(
                            log.commit(
                                    owner.lease(1),
                                    new StateBatch(
                                            List.of(
                                                    done(log, key),
                                                    new Change.Finished(
                                                            key, message(log, key), false)),
                                            List.of(small("bounce")))));
            bench.crash();
            QueueLog next = bench.open(new Owner());
            assertThat(births).hasSize(1);
            assertThat(births.getFirst().partition()).isEqualTo(1);
            assertThat(text(next.open(message(next, births.getFirst()).content())))
                    .isEqualTo("bounce");
            assertThat(next.view().get(Table.MESSAGE, key.octets())).isEmpty();
            assertThat(next.tally()).isEqualTo(new Tally(1, 1, 0, 6, 0));
        }
    }

    @Test
    default void keepsWhatIsRememberedOfAJobWithAllReportsOfIt() throws IOException {
        try (Bench bench = bench()) {
            Owner owner = new Owner();
            QueueLog log = bench.open(owner);
            MessageKey key = bench.done(log.append(1, small("hello")));
            JobKey job = new JobKey(key, 0);
            JobRecord before = JobRecord.of(log.view().get(Table.JOB, job.octets()).orElseThrow());
            JobRecord after = before.dueAt(NOON.plusSeconds(60)).marked(2);
            List<MessageKey> births =
                    bench.done(
                            log.commit(
                                    owner.lease(1),
                                    new StateBatch(
                                            List.of(
                                                    new Change.Moved(
                                                            job,
                                                            before,
                                                            Optional.of(after),
                                                            false)),
                                            List.of(small("failed"), small("delayed")))));
            bench.crash();
            QueueLog next = bench.open(new Owner());
            assertThat(births).hasSize(2);
            assertThat(text(next.open(message(next, births.get(0)).content()))).isEqualTo("failed");
            assertThat(text(next.open(message(next, births.get(1)).content())))
                    .isEqualTo("delayed");
            assertThat(JobRecord.of(next.view().get(Table.JOB, job.octets()).orElseThrow()))
                    .isEqualTo(after);
            assertThat(next.tally().messages()).isEqualTo(3);
        }
    }

    @Test
    default void keepsStreamedContentWithItsMessage() throws IOException {
        try (Bench bench = bench()) {
            QueueLog log = bench.open(new Owner());
            ChunkSink sink = log.openLarge(2);
            bench.done(sink.write("one ".getBytes()));
            bench.done(sink.write("two".getBytes()));
            assertThat(text(log.open(sink.written()))).isEqualTo("one two");
            MessageKey key =
                    bench.done(log.append(sink.partition(), large("head ", sink.written())));
            bench.crash();
            QueueLog next = bench.open(new Owner());
            assertThat(text(next.open(message(next, key).content()))).isEqualTo("head one two");
            assertThat(rows(next, Table.DRAFT)).isZero();
        }
    }

    private static Change.Imported imported(MessageKey key, Entry.Body body) {
        Entry entry = small("");
        MessageRecord after =
                new MessageRecord(entry.envelope(), NOON, entry.metadata(), body.content(key), 3);
        return new Change.Imported(
                key,
                after,
                new TreeMap<>(Map.of(2, entry.jobs().getFirst().held(Optional.of("why")))),
                body);
    }

    @Test
    default void keepsAMessageFromAnotherQueueUnderTheKeyThatItHadThere() throws IOException {
        try (Bench bench = bench()) {
            Owner owner = new Owner();
            QueueLog log = bench.open(owner);
            MessageKey key = log.key(Optional.of(new MessageKey(1, 77, 5)), 0);
            assertThat(key).isEqualTo(new MessageKey(1, 77, 5));
            Change small = imported(key, new Entry.Body.Whole("hello".getBytes()));
            bench.done(log.commit(owner.lease(1), StateBatch.of(List.of(small))));
            MessageKey other = log.key(Optional.empty(), 1);
            ChunkSink sink = log.openLarge(other);
            bench.done(sink.write("large".getBytes()));
            Change large = imported(other, new Entry.Body.Streamed(new byte[0], sink.written()));
            bench.done(log.commit(owner.lease(1), StateBatch.of(List.of(large))));
            bench.crash();
            QueueLog next = bench.open(new Owner());
            assertThat(text(next.open(message(next, key).content()))).isEqualTo("hello");
            assertThat(text(next.open(message(next, other).content()))).isEqualTo("large");
            assertThat(next.tally()).isEqualTo(new Tally(2, 2, 2, 10, 0));
            assertThat(rows(next, Table.HELD)).isEqualTo(2);
            assertThat(rows(next, Table.DRAFT)).isZero();
            assertThat(log.key(Optional.of(new MessageKey(60_000, 1, 1)), 1).partition())
                    .isEqualTo(1);
        }
    }

    @Test
    default void sweepsStreamedContentThatNeverGotAMessage() throws IOException {
        try (Bench bench = bench()) {
            QueueLog log = bench.open(new Owner());
            bench.done(log.openLarge(2).write("orphan".getBytes()));
            bench.done(log.append(0, small("syncs what came before")));
            bench.crash();
            QueueLog next = bench.open(new Owner());
            assertThat(rows(next, Table.DRAFT)).isZero();
            assertThat(rows(next, Table.CONTENT)).isEqualTo(1);
        }
    }

    @Test
    default void dropsStreamedContent() throws IOException {
        try (Bench bench = bench()) {
            QueueLog log = bench.open(new Owner());
            ChunkSink sink = log.openLarge(2);
            bench.done(sink.write("orphan".getBytes()));
            sink.drop();
            bench.done(log.openLarge(2).write("another".getBytes()));
            assertThat(rows(log, Table.CONTENT)).isEqualTo(1);
            assertThat(rows(log, Table.DRAFT)).isEqualTo(1);
        }
    }

    /// The ghost: an owner that was paused comes back after another has finished its message.
    @Test
    default void refusesAnOwnerWhoseLeaseIsOver() throws IOException {
        try (Bench bench = bench()) {
            Owner paused = new Owner();
            QueueLog log = bench.open(paused);
            MessageKey key = bench.done(log.append(1, small("hello")));
            MessageRecord message = message(log, key);
            Change.Moved done = done(log, key);
            log.close();

            Owner owner = new Owner();
            QueueLog next = bench.open(owner);
            bench.done(
                    next.commit(
                            owner.lease(1),
                            StateBatch.of(
                                    List.of(done, new Change.Finished(key, message, false)))));

            Change again =
                    new Change.Moved(
                            done.job(),
                            done.before(),
                            Optional.of(done.before().dueAt(NOON.plusSeconds(60))),
                            false);
            assertThatThrownBy(
                            () ->
                                    bench.done(
                                            next.commit(
                                                    paused.lease(1),
                                                    StateBatch.of(List.of(again)))))
                    .satisfies(
                            e ->
                                    assertThat(e instanceof CompletionException ? e.getCause() : e)
                                            .isInstanceOf(NotOwnerException.class));
            assertThat(rows(next, Table.JOB)).isZero();
            assertThat(rows(next, Table.DUE)).isZero();
        }
    }

    @Test
    default void neverGivesAKeyTwice() throws IOException {
        try (Bench bench = bench()) {
            List<Long> positions = new ArrayList<>();
            for (int start = 0; start < 3; start++) {
                QueueLog log = bench.open(new Owner());
                for (int i = 0; i < 3; i++) {
                    positions.add(bench.done(log.append(1, small("hello"))).position());
                }
                bench.crash();
            }
            assertThat(positions).doesNotHaveDuplicates().isSorted();
        }
    }

    @Test
    default void truncatesContentBelowAPosition() throws IOException {
        try (Bench bench = bench()) {
            Owner owner = new Owner();
            QueueLog log = bench.open(owner);
            MessageKey low = bench.done(log.append(1, small("low")));
            MessageKey high = bench.done(log.append(1, small("high")));
            MessageKey elsewhere = bench.done(log.append(0, small("elsewhere")));
            bench.done(log.truncate(owner.lease(1), high.position()));
            assertThatThrownBy(() -> text(log.open(message(log, low).content())))
                    .isInstanceOf(IOException.class);
            assertThat(text(log.open(message(log, high).content()))).isEqualTo("high");
            assertThat(text(log.open(message(log, elsewhere).content()))).isEqualTo("elsewhere");
        }
    }

    @Test
    default void refusesAllOnceClosed() throws IOException {
        try (Bench bench = bench()) {
            QueueLog log = bench.open(new Owner());
            log.close();
            assertThatThrownBy(() -> log.admit(1)).isInstanceOf(QueueUnavailableException.class);
            assertThatThrownBy(() -> bench.done(log.append(0, small("late"))))
                    .hasCauseInstanceOf(QueueUnavailableException.class);
        }
    }
}
