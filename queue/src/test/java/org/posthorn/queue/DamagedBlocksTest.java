package org.posthorn.queue;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthorn.queue.rocks.RocksLog;
import org.posthorn.queue.state.Table;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;

/// A damaged block costs what is in it, and nothing else.
@Timeout(120)
class DamagedBlocksTest {
    private static final int MESSAGES = 400;
    private static final LaneLimits LIMITS =
            new LaneLimits() {
                @Override
                public int active() {
                    return 2 * MESSAGES;
                }

                @Override
                public int lanes(Destination destination) {
                    return 2 * MESSAGES;
                }
            };

    @TempDir Path directory;
    private final MovableClock clock = new MovableClock();

    private LogQueue open() throws IOException {
        RocksLog log = RocksLog.open(directory, 1, 0, new Random(1));
        return new LogQueue(log, LIMITS, clock, new Random(2), 1 << 20, Removals.Policy.NONE);
    }

    @ParameterizedTest
    @CsvSource({
        "MESSAGE, a job is set aside",
        "JOB,     a job is set aside",
        "DUE,     part of an index cannot be read"
    })
    void theRestIsHandedOutAndListed(Table table, String said) throws Exception {
        try (LogQueue queue = open()) {
            for (int i = 0; i < MESSAGES; i++) {
                Mail.begin(queue, "hello\r\n", Mail.submission("leo@d" + i + ".example"))
                        .toCompletableFuture()
                        .join();
            }
        }
        damage(table);
        try (LogQueue queue = open()) {
            Set<Object> handedOut = new HashSet<>();
            for (Optional<Job> job = queue.poll(); job.isPresent(); job = queue.poll()) {
                handedOut.add(job.get().message());
            }
            assertThat(handedOut).hasSizeBetween(MESSAGES - 100, MESSAGES - 1);
            assertThat(queue.damage()).isNotEmpty().allMatch(it -> it.contains(said));
            List<QueuedMessage> listed = queue.list(Optional.empty(), 2 * MESSAGES);
            assertThat(listed).hasSizeBetween(MESSAGES - 100, MESSAGES);
            assertThat(listed)
                    .filteredOn(it -> handedOut.contains(it.id()))
                    .hasSize(handedOut.size());
            Mail.begin(queue, "hello\r\n", Mail.submission("leo@new.example"))
                    .toCompletableFuture()
                    .join();
            assertThat(queue.poll()).isPresent();
        }
    }

    /// Changes one bit in the first block of the table's only file, which says in its properties of
    /// which table it is.
    private void damage(Table table) throws IOException {
        String its = "name" + table.name().toLowerCase(Locale.ROOT);
        try (Stream<Path> files = Files.list(directory)) {
            for (Path path : files.filter(it -> it.toString().endsWith(".sst")).toList()) {
                if (Files.readString(path, ISO_8859_1).contains(its)) {
                    flip(path);
                }
            }
        }
    }

    private static void flip(Path path) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.seek(1000);
            int octet = file.read();
            file.seek(1000);
            file.write(octet ^ 1);
        }
    }
}
