package org.posthorn.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.api.config.ByteSize;
import org.posthorn.api.intake.Draft;
import org.posthorn.api.mail.MessageId;
import org.posthorn.queue.rocks.RocksLog;
import org.posthorn.queue.state.ContentRef;
import org.posthorn.queue.state.Edit;
import org.posthorn.queue.state.JobKey;
import org.posthorn.queue.state.JobRecord;
import org.posthorn.queue.state.MessageKey;
import org.posthorn.queue.state.PartitionState;
import org.posthorn.queue.state.Table;
import org.posthorn.queue.state.Tally;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.Stream;

/// What a check of a stopped queue finds, and what a repair makes of it.
@Timeout(60)
final class QueueCheckTest {
    private static final int PARTITIONS = 4;

    @TempDir private Path directory;
    private final MovableClock clock = new MovableClock();
    private MessageId waiting;
    private MessageId held;
    private MessageId large;
    private MessageId deleted;

    /// Mail in every state.
    @BeforeEach
    void fill() throws Exception {
        try (LogQueue queue = open(log())) {
            Operator operator = new Operator(queue);
            waiting = Mail.commit(queue, "a@one.example", "b@two.example");
            held = Mail.commit(queue, "c@three.example");
            operator.hold(held, "looks odd");
            large = large(queue);
            deleted = Mail.commit(queue, "d@four.example");
            operator.delete(deleted);
            for (int i = 0; i < 5; i++) {
                Mail.commit(queue, "e" + i + "@busy.example");
            }
            assertThat(queue.poll()).isPresent();
        }
    }

    private static MessageId large(LogQueue queue) throws Exception {
        try (Draft draft = queue.begin(0)) {
            ByteBuffer body = ByteBuffer.wrap(Mail.pattern(1_500_000, 1));
            while (body.hasRemaining()) {
                draft.write(body).toCompletableFuture().join();
            }
            return draft.commit(Mail.submission("big@one.example")).toCompletableFuture().join();
        }
    }

    private RocksLog log() throws IOException {
        return RocksLog.open(directory, PARTITIONS, 0, new SplittableRandom(5));
    }

    private LogQueue open(RocksLog log) {
        return new LogQueue(
                log,
                RocksQueueTest.LIMITS,
                clock,
                new SplittableRandom(6),
                1 << 20,
                new Removals.Policy(Duration.ofHours(1), 1 << 20));
    }

    private static MessageKey key(MessageId id) {
        return MessageKey.of(id).orElseThrow();
    }

    private static byte[] job(MessageId id) {
        return new JobKey(key(id), 0).octets();
    }

    private void change(Function<RocksLog, List<Edit>> edits) throws IOException {
        try (RocksLog log = log()) {
            log.view().arrange(edits.apply(log));
        }
    }

    private static Edit indexed(RocksLog log, MessageId id) {
        byte[] record = log.view().get(Table.JOB, job(id)).orElseThrow();
        return PartitionState.indexed(new JobKey(key(id), 0), JobRecord.of(record));
    }

    private List<String> findings() throws IOException {
        return StoppedQueue.verify(directory).findings().stream()
                .map(it -> it.kind() + " " + it.subject())
                .toList();
    }

    @Test
    void findsNothingWrongWithAStoppedQueue() throws Exception {
        assertThat(StoppedQueue.verify(directory))
                .isEqualTo(new StoppedQueue.Verification(8, 9, 0, 0, List.of()));
    }

    @Test
    void saysWhereThereIsNoQueue() {
        Path none = directory.resolve("none");
        assertThatThrownBy(() -> StoppedQueue.verify(none))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("there is no queue in " + none);
    }

    @Test
    void checksACopyThatIsMadeWhileTheQueueIsUsed() throws Exception {
        Path copy = directory.resolveSibling(directory.getFileName() + "-copy");
        try (RocksLog log = log();
                LogQueue queue = open(log)) {
            MessageId more = Mail.commit(queue, "later@one.example");
            log.copy(copy);
            new Operator(queue).delete(more);
        }
        assertThat(StoppedQueue.verify(copy))
                .isEqualTo(new StoppedQueue.Verification(9, 10, 0, 0, List.of()));
    }

    @Test
    void findsAMessageWithoutAJob() throws Exception {
        change(log -> List.of(indexedAway(log, held), new Edit.Delete(Table.JOB, job(held))));
        assertThat(findings())
                .containsExactly("LOST message " + held, "COUNTER partition " + partition(held));
    }

    private static Edit indexedAway(RocksLog log, MessageId id) {
        Edit.Put entry = (Edit.Put) indexed(log, id);
        return new Edit.Delete(entry.table(), entry.key());
    }

    private static int partition(MessageId id) {
        return key(id).partition();
    }

    @Test
    void findsJobsWithoutTheirMessage() throws Exception {
        change(_ -> List.of(new Edit.Delete(Table.MESSAGE, key(held).octets())));
        assertThat(findings())
                .containsExactly(
                        "LOST message " + held,
                        "ORPHAN content at " + held,
                        "COUNTER partition " + partition(held));
    }

    @Test
    void findsContentThatIsGoneAndContentThatBelongsToNothing() throws Exception {
        MessageKey nobody = new MessageKey(3, 1_000, 7);
        change(
                _ ->
                        List.of(
                                new Edit.Delete(Table.CONTENT, ContentRef.key(key(held), 0)),
                                new Edit.Put(
                                        Table.CONTENT, ContentRef.key(nobody, 0), new byte[9])));
        assertThat(findings())
                .containsExactly("LOST message " + held, "ORPHAN content at " + nobody);
    }

    @Test
    void findsThatAChunkOfLargeContentIsGone() throws Exception {
        change(
                log -> {
                    List<byte[]> chunks = new ArrayList<>();
                    log.view()
                            .scan(
                                    Table.CONTENT,
                                    new byte[0],
                                    new byte[0],
                                    (key, value) -> value.length < 100_000 || chunks.add(key));
                    assertThat(chunks).hasSizeGreaterThan(1);
                    return List.of(new Edit.Delete(Table.CONTENT, chunks.get(1)));
                });
        assertThat(findings()).containsExactly("LOST message " + large);
    }

    @Test
    void findsContentOfARemovedMessageThatIsGone() throws Exception {
        change(_ -> List.of(new Edit.Delete(Table.CONTENT, ContentRef.key(key(deleted), 0))));
        assertThat(findings()).containsExactly("LOST message " + deleted);
    }

    @Test
    void findsAJobThatNothingLeadsTo() throws Exception {
        change(log -> List.of(indexedAway(log, waiting)));
        assertThat(findings()).containsExactly("STUCK job " + waiting + "/0");
    }

    @Test
    void findsEntriesThatLeadNowhere() throws Exception {
        JobKey nobody = new JobKey(new MessageKey(1, 1_000, 7), 0);
        change(_ -> List.of(new Edit.Put(Table.HELD, nobody.octets(), new byte[] {1})));
        assertThat(findings()).containsExactly("ORPHAN entry of job " + nobody + " in HELD");
    }

    @Test
    void findsThatNothingEndsTheTimeOfARemovedMessage() throws Exception {
        change(
                log -> {
                    List<Edit> edits = new ArrayList<>();
                    log.view()
                            .scan(
                                    Table.FADING,
                                    new byte[0],
                                    new byte[0],
                                    (key, _) -> edits.add(new Edit.Delete(Table.FADING, key)));
                    return edits;
                });
        assertThat(findings()).containsExactly("STUCK removed job " + deleted + "/0");
    }

    @Test
    void findsRecordsThatCannotBeUnderstood() throws Exception {
        change(_ -> List.of(new Edit.Put(Table.MESSAGE, key(held).octets(), new byte[] {99})));
        assertThat(findings())
                .first()
                .asString()
                .startsWith("UNREADABLE MESSAGE ")
                .endsWith("near message " + held);
    }

    @Test
    void findsWrongCounters() throws Exception {
        byte[] counters = Tally.Stored.key(partition(held));
        change(log -> List.of(new Edit.Put(Table.META, counters, log.tally().octets(0))));
        assertThat(findings()).hasSize(2).containsOnly("COUNTER partition " + partition(held));
    }

    private StoppedQueue.Repaired repair() throws IOException {
        StoppedQueue.Repaired repaired = StoppedQueue.repair(directory, clock);
        assertThat(StoppedQueue.verify(directory).findings()).isEmpty();
        assertThat(repaired.before()).isDirectory();
        return repaired;
    }

    /// Returns what is handed out, by message, with its content's size.
    private Map<MessageId, Long> deliverAll() throws Exception {
        Map<MessageId, Long> delivered = new HashMap<>();
        try (RocksLog log = log();
                LogQueue queue = open(log)) {
            for (Optional<Job> job = queue.poll(); job.isPresent(); job = queue.poll()) {
                long size = Mail.text(job.get().content()).length();
                delivered.put(job.get().message(), size);
                queue.settle(job.get(), Mail.delivered(job.get())).toCompletableFuture().join();
            }
        }
        return delivered;
    }

    @Test
    void repairKeepsAllOfAQueueThatIsWell() throws Exception {
        StoppedQueue.Repaired repaired = repair();
        assertThat(repaired.messages()).isEqualTo(8);
        assertThat(repaired.jobs()).isEqualTo(9);
        assertThat(repaired.said()).isEmpty();
        try (LogQueue queue = open(log())) {
            assertThat(queue.restore(deleted, _ -> true, Operator.BY)).contains(1);
            assertThat(queue.find(held)).isPresent();
        }
        assertThat(deliverAll()).hasSize(8).containsKeys(waiting, deleted).containsKey(large);
    }

    /// The power went between the two last steps of a repair.
    @Test
    void aRepairThatOnlyLackedItsLastStepIsFinishedByTheNextStart() throws Exception {
        repair();
        Path made = directory.resolveSibling(directory.getFileName() + ".repaired");
        Files.move(directory, made);
        Files.createDirectory(directory);
        QueueConfig config = RocksQueueTest.config(new ByteSize(0));
        try (RocksQueue queue =
                RocksQueue.open(
                        directory, config, RocksQueueTest.LIMITS, clock, new SplittableRandom(1))) {
            assertThat(queue.find(held)).isPresent();
        }
        assertThat(made).doesNotExist();
        Files.move(directory, made);
        clock.advance(Duration.ofSeconds(1));
        assertThat(repair().messages()).isEqualTo(8);
    }

    @Test
    void repairMakesIndexesAndCountersAnewAndDropsOrphans() throws Exception {
        MessageKey nobody = new MessageKey(3, 1_000, 7);
        change(
                log ->
                        List.of(
                                indexedAway(log, waiting),
                                new Edit.Put(
                                        Table.META, Tally.Stored.key(0), log.tally().octets(0)),
                                new Edit.Put(
                                        Table.HELD, new JobKey(nobody, 0).octets(), new byte[] {1}),
                                new Edit.Put(
                                        Table.CONTENT, ContentRef.key(nobody, 0), new byte[9])));
        assertThat(repair().said())
                .containsExactly("content at " + nobody + ": dropped: it belongs to no message");
        assertThat(deliverAll()).containsKey(waiting);
    }

    @Test
    void repairHoldsAMessageWhoseJobsAreLost() throws Exception {
        change(_ -> List.of(new Edit.Put(Table.JOB, job(waiting), new byte[] {99})));
        assertThat(repair().said())
                .hasSize(2)
                .anyMatch(it -> it.startsWith("job " + waiting + "/0: made anew and held: "));
        try (LogQueue queue = open(log())) {
            assertThat(queue.find(waiting).orElseThrow().jobs()).hasSize(2);
            new Operator(queue).release(waiting);
        }
        assertThat(deliverAll()).containsKey(waiting);
        assertThat(StoppedQueue.verify(directory).aside()).isEqualTo(1);
    }

    @Test
    void repairSetsAsideWhatIsNotWholeAndNamesIt() throws Exception {
        change(_ -> List.of(new Edit.Delete(Table.CONTENT, ContentRef.key(key(held), 0))));
        assertThat(repair().said())
                .containsExactly(
                        "message "
                                + held
                                + ": set aside, from <mona@example.org>: its content is not whole");
        StoppedQueue.Verification after = StoppedQueue.verify(directory);
        assertThat(after.messages()).isEqualTo(7);
        assertThat(after.aside()).isEqualTo(2);
        assertThat(deliverAll()).hasSize(7).containsKeys(waiting, large);
    }

    @Test
    void checkAndRepairPassDamagedBlocks() throws Exception {
        try (LogQueue queue = open(log())) {
            for (int i = 0; i < 300; i++) {
                Mail.commit(queue, "more" + i + "@many.example");
            }
        }
        Path sst = damage(".sst");
        assertThat(StoppedQueue.verify(directory).findings())
                .as("with damage in " + sst)
                .anyMatch(it -> it.kind() == Finding.Kind.UNREADABLE);
        assertThat(repair().said()).isNotEmpty();
        assertThat(deliverAll()).hasSizeBetween(100, 306);
    }

    @Test
    void repairReadsWhatIsLeftWhenAFileIsGone() throws Exception {
        Files.delete(largest(".sst"));
        assertThatThrownBy(() -> StoppedQueue.verify(directory)).isInstanceOf(IOException.class);
        StoppedQueue.Repaired repaired = repair();
        assertThat(repaired.said()).first().asString().startsWith("files are missing or damaged");
    }

    @Test
    void namesAMessageWhoseContentIsDamaged() throws Exception {
        damage(".blob");
        assertThat(StoppedQueue.verify(directory).findings())
                .anyMatch(it -> it.toString().startsWith("lost: message " + large));
        assertThat(repair().said())
                .anyMatch(it -> it.startsWith("message " + large + ": set aside"));
        assertThat(deliverAll()).containsKeys(waiting).doesNotContainKey(large).hasSize(6);
    }

    private Path largest(String suffix) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(it -> it.toString().endsWith(suffix))
                    .max(Comparator.comparingLong(it -> it.toFile().length()))
                    .orElseThrow();
        }
    }

    /// Flips a bit in the first tenth of a file.
    private Path damage(String suffix) throws IOException {
        Path file = largest(suffix);
        byte[] octets = Files.readAllBytes(file);
        octets[Math.min(200, octets.length / 10)] ^= 1;
        Files.write(file, octets);
        return file;
    }
}
