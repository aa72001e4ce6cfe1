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
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
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
        StringWriter written = new StringWriter();
        MailLog log = MailLog.to(new Slow(written, slow), 10);
        IntStream.range(0, 5_000).forEach(i -> log.tell(finished(i)));
        assertThat(log.dropped()).isBetween(5_000L - 10 - 11, 5_000L - 10);
        slow.countDown();
        log.close();
        assertThat(written.toString()).contains("event=dropped count=" + log.dropped() + "\n");
        assertThat(written.toString().lines()).hasSize((int) (5_000 - log.dropped() + 1));
    }

    @Test
    void goesOnAfterTheDiskFailed() throws Exception {
        StringWriter written = new StringWriter();
        Failing failing = new Failing(written);
        try (MailLog log = MailLog.to(failing)) {
            log.tell(finished(1));
            failing.failed.await();
            log.tell(finished(2));
        }
        assertThat(written.toString()).startsWith("id=message2 ");
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

    /// A disk that takes nothing until it is let go.
    private static final class Slow extends Writer {
        private final Writer out;
        private final CountDownLatch slow;

        private Slow(Writer out, CountDownLatch slow) {
            this.out = out;
            this.slow = slow;
        }

        @Override
        public void write(char[] text, int offset, int length) throws IOException {
            try {
                slow.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            out.write(text, offset, length);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    /// A disk that takes nothing.
    private static final class Broken extends Writer {
        @Override
        public void write(char[] text, int offset, int length) throws IOException {
            throw new IOException("No space left on device");
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    /// A disk that fails once.
    private static final class Failing extends Writer {
        private final CountDownLatch failed = new CountDownLatch(1);
        private final Writer out;

        private Failing(Writer out) {
            this.out = out;
        }

        @Override
        public void write(char[] text, int offset, int length) throws IOException {
            if (failed.getCount() > 0) {
                failed.countDown();
                throw new IOException("No space left on device");
            }
            out.write(text, offset, length);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
