package org.posthorn.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.api.config.ByteSize;
import org.posthorn.api.intake.Draft;
import org.posthorn.api.intake.QueueUnavailableException;
import org.posthorn.api.mail.MessageId;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// The queue as the server opens it: on a directory.
@Timeout(60)
class RocksQueueTest {
    static final LaneLimits LIMITS =
            new LaneLimits() {
                @Override
                public int active() {
                    return 100;
                }

                @Override
                public int lanes(Destination destination) {
                    return 2;
                }
            };

    @TempDir Path directory;

    private final MovableClock clock = new MovableClock();
    private RocksQueue queue;

    @BeforeEach
    void open() throws IOException {
        queue = open(directory, new ByteSize(0));
    }

    @AfterEach
    void close() {
        queue.close();
    }

    private RocksQueue open(Path where, ByteSize minFree) throws IOException {
        return RocksQueue.open(where, config(minFree), LIMITS, clock, new SecureRandom());
    }

    static QueueConfig config(ByteSize minFree) {
        return new QueueConfig(
                Duration.ofDays(5),
                Duration.ofHours(4),
                Duration.ofMinutes(5),
                Duration.ofHours(4),
                2,
                List.of(),
                minFree,
                Duration.ofMinutes(5),
                100,
                2,
                25,
                Duration.ofHours(1),
                new ByteSize(1 << 30));
    }

    private void reopen() throws IOException {
        queue.close();
        open();
    }

    @Test
    void handsOutWhatWasCommitted() throws Exception {
        MessageId id = Mail.commit(queue, "leo@example.net", "lea@example.net");
        Job job = queue.take();
        assertThat(job.message()).isEqualTo(id);
        assertThat(job.envelope()).isEqualTo(Mail.envelope("leo@example.net", "lea@example.net"));
        assertThat(Mail.text(job.content())).isEqualTo("Subject: test\r\n\r\nhello\r\n");
        assertThat(job.metadata()).containsEntry("client", "192.0.2.1");
        assertThat(job.acceptedAt()).isEqualTo(clock.instant());
    }

    @Test
    void resumesAfterAStart() throws Exception {
        MessageId id = Mail.commit(queue, "leo@example.net", "lea@example.com");
        queue.settle(queue.take(), Mail.delivered(firstOf(id))).toCompletableFuture().join();
        reopen();
        assertThat(queue.counts()).isEqualTo(new Queue.Counts(1, 1, 0, 0, 0));
        Job rest = queue.take();
        assertThat(rest.message()).isEqualTo(id);
        assertThat(queue.settle(rest, Mail.delivered(rest)).toCompletableFuture().join().finished())
                .isTrue();
        reopen();
        assertThat(queue.counts()).isEqualTo(new Queue.Counts(0, 0, 0, 0, 0));
        assertThat(queue.list(Optional.empty(), 10)).isEmpty();
    }

    private Job firstOf(MessageId id) {
        QueuedMessage message = queue.find(id).orElseThrow();
        return new Job(
                id,
                0,
                message.jobs().getFirst().destination(),
                Mail.envelope("leo@example.net"),
                queue.content(id).orElseThrow(),
                message.metadata(),
                message.acceptedAt(),
                message.acceptedAt(),
                0,
                Set.of(),
                Optional.empty(),
                Optional.empty());
    }

    @Test
    void keepsContentOfAnySize() throws Exception {
        for (int size : List.of(0, 1, 4096, 4097, 512 << 10, (512 << 10) + 1, 3 << 20)) {
            byte[] body = Mail.pattern(size, size);
            try (Draft draft = queue.begin(0)) {
                ByteBuffer rest = ByteBuffer.wrap(body);
                while (rest.hasRemaining()) {
                    ByteBuffer part =
                            rest.slice(rest.position(), Math.min(10_000, rest.remaining()));
                    rest.position(rest.position() + part.remaining());
                    draft.write(part).toCompletableFuture().join();
                    assertThat(part.hasRemaining()).isFalse();
                }
                assertThat(Mail.text(draft.content(Mail.ascii("A: b\r\n"))))
                        .isEqualTo("A: b\r\n" + new String(body, US_ASCII));
                draft.commit(Mail.submission("leo@example.net")).toCompletableFuture().join();
            }
            Job job = queue.take();
            assertThat(job.content().size()).isEqualTo(size + 17L);
            assertThat(Mail.text(job.content())).endsWith(new String(body, US_ASCII));
            queue.settle(job, Mail.delivered(job)).toCompletableFuture().join();
        }
    }

    @Test
    void saysWhichDirectoryIsInUse() {
        assertThatThrownBy(() -> open(directory, new ByteSize(0)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(directory.toString())
                .hasMessageContaining("in use by another process");
    }

    @Test
    void refusesMailWhenSpaceLacks() throws Exception {
        try (RocksQueue full = open(directory.resolve("full"), new ByteSize(Long.MAX_VALUE))) {
            assertThatThrownBy(() -> full.begin(0))
                    .isInstanceOfSatisfying(
                            QueueUnavailableException.class,
                            e -> assertThat(e.reply().toString()).startsWith("452 4.3.1"))
                    .hasMessageContaining("min-free-space");
        }
    }

    @Test
    void failsWithTheExceptionThatItsContractNames() throws Exception {
        Draft draft = queue.begin(0);
        queue.close();
        CompletionStage<MessageId> commit = draft.commit(Mail.submission("leo@example.net"));
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        commit.whenComplete((_, e) -> failure.complete(e));
        assertThat(failure.join()).isInstanceOf(QueueUnavailableException.class);
    }
}
