package org.posthorn.queue.rocks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.api.intake.QueueUnavailableException;
import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.Parameters;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.mail.ReversePath;
import org.posthorn.queue.StoppedQueue;
import org.posthorn.queue.log.ChunkSink;
import org.posthorn.queue.log.Lease;
import org.posthorn.queue.log.OwnerCallback;
import org.posthorn.queue.log.Restore;
import org.posthorn.queue.state.Entry;
import org.posthorn.queue.state.MessageKey;
import org.posthorn.queue.state.Table;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/// A disk on which the store cannot write any more: here, files that may not grow, which needs no
/// rights and ends at will.
@Timeout(120)
@EnabledOnOs(OS.LINUX)
class FullDiskTest {
    @TempDir Path directory;

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

    private static void limitFiles(String octets) throws IOException, InterruptedException {
        Process prlimit =
                new ProcessBuilder(
                                "prlimit",
                                "--pid",
                                String.valueOf(ProcessHandle.current().pid()),
                                "--fsize=" + octets + ":")
                        .inheritIO()
                        .start();
        assertThat(prlimit.waitFor()).isZero();
    }

    @AfterEach
    void unlimitFiles() throws IOException, InterruptedException {
        limitFiles("unlimited");
    }

    private static Entry entry() {
        Envelope envelope =
                Envelope.from(ReversePath.NULL, Parameters.NONE)
                        .to(Recipient.of(Mailbox.parse("leo@example.net")));
        return new Entry(
                envelope,
                Instant.ofEpochMilli(0),
                Instant.ofEpochMilli(0),
                Map.of(),
                Optional.empty(),
                new Entry.Body.Whole(new byte[100_000]));
    }

    @Test
    void refusesContentThatWasBegunWhileTheStoreWasDown() throws Exception {
        AtomicReference<RocksLog> failing = new AtomicReference<>();
        AtomicReference<ChunkSink> begun = new AtomicReference<>();
        AtomicInteger asked = new AtomicInteger();
        // The gauge is asked first to explain the failure, then before the store is opened again.
        SpaceGauge gauge =
                new SpaceGauge(
                        0,
                        () -> {
                            if (failing.get() != null && asked.incrementAndGet() == 2) {
                                begun.set(failing.get().openLarge(0));
                            }
                            return Long.MAX_VALUE;
                        },
                        directory.toString());
        try (RocksLog log = RocksLog.open(directory, 4, gauge, new Random(1))) {
            log.start(owner);
            assertThat(told.take()).isEqualTo("assigned");
            ChunkSink before = log.openLarge(0);
            assertThat(before.write(new byte[10]).toCompletableFuture())
                    .succeedsWithin(Duration.ofMinutes(1));
            failing.set(log);
            limitFiles("0");
            CompletableFuture<MessageKey> append = log.append(0, entry()).toCompletableFuture();
            assertThatThrownBy(append::join).hasCauseInstanceOf(QueueUnavailableException.class);
            assertThat(told.take()).isEqualTo("lost");
            limitFiles("unlimited");
            assertThat(told.take()).isEqualTo("assigned");
            assertThat(begun.get()).isNotNull();
            for (ChunkSink sink : List.of(before, begun.get())) {
                assertThatThrownBy(() -> sink.write(new byte[10]).toCompletableFuture().join())
                        .hasCauseInstanceOf(QueueUnavailableException.class)
                        .hasMessageContaining("opened again");
            }
            assertThat(log.append(0, entry()).toCompletableFuture())
                    .succeedsWithin(Duration.ofMinutes(1));
        }
    }

    @Test
    void losesNothingAndWorksAgainByItselfWhenItCanWrite() throws Exception {
        try (RocksLog log = RocksLog.open(directory, 4, 0, new Random(1))) {
            log.start(owner);
            assertThat(told.take()).isEqualTo("assigned");
            limitFiles(String.valueOf(4 << 20));
            List<MessageKey> acknowledged = new ArrayList<>();
            Optional<Throwable> failure = Optional.empty();
            while (failure.isEmpty()) {
                try {
                    acknowledged.add(log.append(0, entry()).toCompletableFuture().join());
                } catch (CompletionException e) {
                    failure = Optional.of(e.getCause());
                }
            }
            assertThat(failure.get())
                    .isInstanceOf(QueueUnavailableException.class)
                    .hasMessageContaining(directory.toString());
            assertThat(told.take()).isEqualTo("lost");
            assertThat(log.append(0, entry()).toCompletableFuture()).isCompletedExceptionally();

            limitFiles("unlimited");
            assertThat(told.take()).isEqualTo("assigned");
            acknowledged.add(log.append(0, entry()).toCompletableFuture().join());
            assertThat(acknowledged).hasSizeGreaterThan(10);
            for (MessageKey key : acknowledged) {
                assertThat(log.view().get(Table.MESSAGE, key.octets())).isPresent();
            }
            assertThat(log.tally().messages())
                    .isBetween((long) acknowledged.size(), acknowledged.size() + 1L);
        }
    }

    /// Mounting needs root, which a build in a container has.
    @Test
    void losesNothingOnASmallFileSystemThatIsReallyFull() throws Exception {
        run("mount", "-t", "tmpfs", "-o", "size=48m", "posthorn-test", directory.toString());
        try {
            fillAndMakeRoom(directory.resolve("queue"), directory.resolve("ballast"));
        } finally {
            run("umount", directory.toString());
        }
    }

    private void fillAndMakeRoom(Path store, Path ballast) throws Exception {
        Files.write(ballast, new byte[24 << 20]);
        List<MessageKey> acknowledged = new ArrayList<>();
        try (RocksLog log = RocksLog.open(store, 4, 1 << 20, new Random(1))) {
            log.start(owner);
            assertThat(told.take()).isEqualTo("assigned");
            Optional<Throwable> failure = Optional.empty();
            while (failure.isEmpty()) {
                try {
                    acknowledged.add(log.append(0, entry()).toCompletableFuture().join());
                } catch (CompletionException e) {
                    failure = Optional.of(e.getCause());
                }
            }
            assertThat(failure.get())
                    .isInstanceOfSatisfying(
                            QueueUnavailableException.class,
                            e -> assertThat(e.reply().toString()).startsWith("452 4.3.1"));
            assertThat(told.take()).isEqualTo("lost");
            assertThatThrownBy(() -> log.admit(1)).isInstanceOf(QueueUnavailableException.class);

            Files.delete(ballast);
            assertThat(told.take()).isEqualTo("assigned");
            log.admit(1);
            acknowledged.add(log.append(0, entry()).toCompletableFuture().join());
            for (MessageKey key : acknowledged) {
                assertThat(log.view().get(Table.MESSAGE, key.octets())).isPresent();
            }
        }
        assertThat(acknowledged).hasSizeGreaterThan(50);
        StoppedQueue.Verification verified = StoppedQueue.verify(store);
        assertThat(verified.findings()).isEmpty();
        assertThat(verified.messages())
                .isBetween((long) acknowledged.size(), acknowledged.size() + 1L);
    }

    private static void run(String... command) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor())
                .as("%s, for which this must run as root", String.join(" ", command))
                .isZero();
    }
}
