package org.posthorn.server.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.api.event.MailEvent;
import org.posthorn.api.mail.MessageId;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;

class MailLogTest {
    @TempDir private Path directory;

    @BeforeAll
    static void beQuietAboutWhatIsExpected() {
        ((Logger) LoggerFactory.getLogger(MailLog.class)).setLevel(Level.OFF);
    }

    @Test
    void hasWrittenAllThatItWasToldWhenItIsClosed() throws IOException {
        Path file = directory.resolve("log/mail.log");
        try (MailLog log = MailLog.toFile(file)) {
            IntStream.range(0, 5_000).forEach(i -> log.tell(finished(i)));
        }
        assertThat(Files.readAllLines(file)).hasSize(5_000);
        assertThat(Files.readAllLines(file).getLast()).startsWith("id=message4999 event=finished");
    }

    @Test
    void goesOnAtTheEndOfTheFile() throws IOException {
        Path file = directory.resolve("mail.log");
        for (int i = 0; i < 2; i++) {
            try (MailLog log = MailLog.toFile(file)) {
                log.tell(finished(i));
            }
        }
        assertThat(Files.readAllLines(file)).hasSize(2);
    }

    @Test
    void namesAFileThatCannotBeWritten() {
        assertThatThrownBy(() -> MailLog.toFile(directory))
                .isInstanceOf(FileSystemException.class)
                .hasMessageContaining(directory.toString());
    }

    @Test
    void dropsAndCountsWhatIsBeyondItsBoundAndNeverWaits() throws Exception {
        CountDownLatch slow = new CountDownLatch(1);
        StringBuffer written = new StringBuffer();
        MailLog log = MailLog.to(new Slow(new Memory(written), slow), 10);
        IntStream.range(0, 5_000).forEach(i -> log.tell(finished(i)));
        assertThat(log.dropped()).isBetween(5_000L - 10 - 11, 5_000L - 10);
        slow.countDown();
        log.close();
        assertThat(written.toString()).contains("event=dropped count=" + log.dropped() + "\n");
        assertThat(written.toString().lines()).hasSize((int) (5_000 - log.dropped() + 1));
    }

    @Test
    void goesOnAfterTheDiskFailed() throws Exception {
        StringBuffer written = new StringBuffer();
        Failing failing = new Failing(written, new CountDownLatch(1));
        try (MailLog log = MailLog.to(failing)) {
            log.tell(finished(1));
            failing.failed().await();
            log.tell(finished(2));
            while (written.toString().lines().count() < 2) {
                Thread.onSpinWait();
            }
        }
        assertThat(written.toString().lines())
                .satisfiesExactly(
                        first -> assertThat(first).startsWith("id=message1 event=finished at="),
                        second -> assertThat(second).startsWith("id=message2 "));
    }

    @Test
    void opensItsFileAgainWhenItCouldNotBeWritten() throws Exception {
        Path file = directory.resolve("log/mail.log");
        CountDownLatch failed = new CountDownLatch(1);
        LogFile real = LogFile.open(file);
        MailLog.Sink torn =
                new MailLog.Sink() {
                    @Override
                    public void write(ByteBuffer octets) throws IOException {
                        if (failed.getCount() > 0) {
                            real.write(octets.slice(0, 5));
                            octets.position(5);
                            real.close();
                            failed.countDown();
                            throw new IOException("Read-only file system");
                        }
                        real.write(octets);
                    }

                    @Override
                    public void close() throws IOException {
                        real.close();
                    }
                };
        try (MailLog log = MailLog.to(torn)) {
            log.tell(finished(1));
            failed.await();
            log.tell(finished(2));
            while (Files.readAllLines(file).size() < 2) {
                Thread.onSpinWait();
            }
        }
        assertThat(Files.readAllLines(file))
                .allMatch(line -> line.matches("id=message[12] event=finished at=\\S+"))
                .hasSize(2);
    }

    @Test
    @Timeout(20)
    void endsWhileTheDiskFails() throws Exception {
        CountDownLatch slow = new CountDownLatch(1);
        MailLog log = MailLog.to(new Slow(new Broken(), slow), 10);
        log.tell(finished(1));
        log.tell(finished(2));
        Thread closing = Thread.ofPlatform().start(() -> close(log));
        while (closing.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        slow.countDown();
        closing.join();
        assertThat(log.dropped()).isEqualTo(2);
    }

    private static void close(MailLog log) {
        try {
            log.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static MailEvent finished(int number) {
        return new MailEvent.Finished(Instant.EPOCH, new MessageId("message" + number));
    }

    private static String text(ByteBuffer octets) {
        return StandardCharsets.UTF_8.decode(octets).toString();
    }

    /// A disk that takes nothing until it is let go.
    private record Slow(MailLog.Sink out, CountDownLatch slow) implements MailLog.Sink {
        @Override
        public void write(ByteBuffer octets) throws IOException {
            try {
                slow.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            out.write(octets);
        }

        @Override
        public void close() {}
    }

    /// A disk that takes all.
    private record Memory(StringBuffer written) implements MailLog.Sink {
        @Override
        public void write(ByteBuffer octets) {
            written.append(text(octets));
        }

        @Override
        public void close() {}
    }

    /// A disk that takes nothing.
    private static final class Broken implements MailLog.Sink {
        @Override
        public void write(ByteBuffer octets) throws IOException {
            throw new IOException("No space left on device");
        }

        @Override
        public void close() {}
    }

    /// A disk that fails once, in the middle.
    private record Failing(StringBuffer written, CountDownLatch failed) implements MailLog.Sink {
        @Override
        public void write(ByteBuffer octets) throws IOException {
            if (failed.getCount() > 0) {
                written.append(text(octets.slice(0, 20)));
                octets.position(20);
                failed.countDown();
                throw new IOException("No space left on device");
            }
            written.append(text(octets));
        }

        @Override
        public void close() {}
    }
}
