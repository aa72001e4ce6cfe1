package org.posthorn.queue;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthorn.api.mail.MessageId;
import org.posthorn.queue.rocks.RocksLog;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;

/// Stores as each format of the records left them, the present one too. Each holds mail that was
/// deferred, delivered in part, held, larger than a record, parked, and what its format had more;
/// or mail that was deleted and bounced, in part and whole.
@Timeout(60)
final class FormatsTest {
    @TempDir private Path directory;
    private final MovableClock clock = new MovableClock();

    private Path store(String format) throws IOException, InterruptedException {
        String name = "format-" + format + ".tar.gz";
        Path archive = directory.resolve(name);
        try (InputStream in = FormatsTest.class.getResourceAsStream("/" + name)) {
            Files.copy(in, archive);
        }
        Process tar =
                new ProcessBuilder("tar", "-xzf", archive.toString(), "-C", directory.toString())
                        .inheritIO()
                        .start();
        assertThat(tar.waitFor()).isZero();
        return directory.resolve("format-" + format);
    }

    private LogQueue open(Path store) throws IOException {
        return new LogQueue(
                RocksLog.open(store, 4, 0, new SplittableRandom(1)),
                RocksQueueTest.LIMITS,
                clock,
                new SplittableRandom(2),
                1 << 20,
                Removals.Policy.NONE);
    }

    @ParameterizedTest
    @CsvSource({"1, 9", "2, 10", "3, 9", "3-removed, 2", "4, 2"})
    void goesOnWithWhatAnEarlierFormatWrote(String format, int messages) throws Exception {
        Path store = store(format);
        assertThat(StoppedQueue.verify(store).findings()).isEmpty();
        assertThat(StoppedQueue.verify(store).messages()).isEqualTo(messages);
        clock.advance(Duration.ofDays(3650));
        try (LogQueue queue = open(store)) {
            queue.list(Optional.empty(), 100).forEach(it -> new Operator(queue).release(it.id()));
            assertThat(deliverAll(queue)).hasSize(messages);
            queue.purge();
            assertThat(queue.counts()).isEqualTo(new Queue.Counts(0, 0, 0, 0, 0));
        }
        assertThat(StoppedQueue.verify(store))
                .isEqualTo(new StoppedQueue.Verification(0, 0, 0, 0, List.of()));
    }

    @ParameterizedTest
    @CsvSource({"1, 9", "2, 10", "3, 9", "3-removed, 2", "4, 2"})
    void repairsWhatAnEarlierFormatWrote(String format, int messages) throws Exception {
        Path store = store(format);
        StoppedQueue.Repaired repaired = StoppedQueue.repair(store, clock);
        assertThat(repaired.messages()).isEqualTo(messages);
        assertThat(repaired.said()).isEmpty();
        assertThat(StoppedQueue.verify(store).findings()).isEmpty();
    }

    /// Format 3 kept all that was removed of a message in one record, format 4 by job.
    @ParameterizedTest
    @CsvSource({"3-removed, false", "4, false", "3-removed, true", "4, true"})
    void bringsBackWhatAnEarlierFormatRemoved(String format, boolean repaired) throws Exception {
        Path store = store(format);
        if (repaired) {
            assertThat(StoppedQueue.repair(store, clock).said()).isEmpty();
            assertThat(StoppedQueue.verify(store).findings()).isEmpty();
        }
        clock.advance(Duration.ofDays(3650));
        try (LogQueue queue = open(store)) {
            List<QueuedMessage> removed = queue.removed(Optional.empty(), 100);
            assertThat(removed)
                    .extracting(it -> it.jobs().size())
                    .containsExactlyInAnyOrder(1, 1, 1, 2);
            for (QueuedMessage it : removed) {
                assertThat(queue.restore(it.id(), _ -> true, Operator.BY))
                        .contains(it.jobs().size());
            }
            queue.list(Optional.empty(), 100).forEach(it -> new Operator(queue).release(it.id()));
            assertThat(deliverAll(queue)).hasSize(5);
            assertThat(queue.counts()).isEqualTo(new Queue.Counts(0, 0, 0, 0, 0));
        }
        assertThat(StoppedQueue.verify(store))
                .isEqualTo(new StoppedQueue.Verification(0, 0, 0, 0, List.of()));
    }

    /// Returns the ids of what is delivered, each with its content.
    private static Set<MessageId> deliverAll(LogQueue queue) throws Exception {
        Set<MessageId> delivered = new HashSet<>();
        for (Optional<Job> job = queue.poll(); job.isPresent(); job = queue.poll()) {
            assertThat(Mail.text(job.get().content())).hasSize((int) job.get().content().size());
            delivered.add(job.get().message());
            queue.settle(job.get(), Mail.delivered(job.get())).toCompletableFuture().join();
        }
        return delivered;
    }
}
