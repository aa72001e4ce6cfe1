package org.posthorn.queue.rocks;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.Parameters;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.mail.ReversePath;
import org.posthorn.queue.log.Lease;
import org.posthorn.queue.log.OwnerCallback;
import org.posthorn.queue.log.Restore;
import org.posthorn.queue.state.Entry;
import org.posthorn.queue.state.MessageKey;
import org.posthorn.queue.state.Table;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;

/// RocksDB refuses every write once a compaction has met a damaged block, and would again after
/// each opening: the table's files are left alone then, and the queue goes on.
@Timeout(120)
class DamagedFileTest {
    private static final StoreTuning SMALL = new StoreTuning(true, 256);

    @TempDir Path directory;

    private int appended;
    private final LinkedBlockingQueue<String> told = new LinkedBlockingQueue<>();
    private final OwnerCallback owner =
            new OwnerCallback() {
                @Override
                public void assigned(Lease lease, Restore restore) {
                    tell("assigned", lease);
                }

                @Override
                public void revoked(Lease lease, Instant deadline) {}

                @Override
                public void lost(Lease lease) {
                    tell("lost", lease);
                }

                @Override
                public void appended(Lease lease, MessageKey key, Entry entry) {}

                private void tell(String what, Lease lease) {
                    if (lease.partition() == 0) {
                        told.add(what);
                    }
                }
            };

    private RocksLog open() throws IOException, InterruptedException {
        RocksLog log = RocksLog.open(directory, 4, new Random(1), SMALL);
        log.start(owner);
        assertThat(told.take()).isEqualTo("assigned");
        return log;
    }

    @Test
    void goesOnWhenACompactionMeetsADamagedBlock() throws Exception {
        List<MessageKey> acknowledged = new ArrayList<>();
        try (RocksLog log = open()) {
            for (int i = 0; i < 40; i++) {
                acknowledged.add(append(log));
            }
        }
        damage(Table.CONTENT);
        try (RocksLog log = open()) {
            int failed = 0;
            while (log.damaged().isEmpty()) {
                try {
                    acknowledged.add(append(log));
                } catch (CompletionException _) {
                    failed++;
                    assertThat(told.take()).isEqualTo("lost");
                    assertThat(told.take()).isEqualTo("assigned");
                }
            }
            assertThat(failed).isBetween(1, 3);
            assertThat(log.damaged()).containsExactly(Table.CONTENT);
            for (int i = 0; i < 400; i++) {
                acknowledged.add(append(log));
            }
            assertThat(told).isEmpty();
            assertThat(log.fault()).isEmpty();
            for (MessageKey key : acknowledged) {
                assertThat(log.view().get(Table.MESSAGE, key.octets())).isPresent();
            }
        }
    }

    /// To one partition after the other, so that each file spans all of them and has to be merged.
    private MessageKey append(RocksLog log) {
        Envelope envelope =
                Envelope.from(ReversePath.NULL, Parameters.NONE)
                        .to(Recipient.of(Mailbox.parse("leo@example.net")));
        Entry entry =
                new Entry(
                        envelope,
                        Instant.ofEpochMilli(0),
                        Instant.ofEpochMilli(0),
                        Map.of(),
                        Optional.empty(),
                        new Entry.Body.Whole(new byte[10_000]));
        return log.append(appended++ % 4, entry).toCompletableFuture().join();
    }

    /// Damages the first block of a file of a table.
    private void damage(Table table) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            Path its =
                    files.filter(it -> it.toString().endsWith(".sst"))
                            .filter(it -> isOf(it, table))
                            .findFirst()
                            .orElseThrow();
            try (RandomAccessFile file = new RandomAccessFile(its.toFile(), "rw")) {
                file.seek(100);
                int octet = file.read();
                file.seek(100);
                file.write(octet ^ 1);
            }
        }
    }

    /// A file says in its properties which family it is of.
    private static boolean isOf(Path file, Table table) {
        try {
            return Files.readString(file, ISO_8859_1).contains("name" + StoreOptions.name(table));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
