package org.posthorn.server.log;

import org.posthorn.api.event.MailEvent;
import org.posthorn.api.event.MailObserver;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/// Writes one line per event. Telling never waits for the disk: events wait in memory, up to a
/// bound, and a thread of its own writes them. What is beyond the bound is dropped and counted, and
/// the log says how many.
///
/// Safe for use by many threads. When the log cannot be written, the server goes on, says so in the
/// developer log, and tries again every second, from the octet on that was not written.
public final class MailLog implements MailObserver, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MailLog.class);
    private static final int WAITING = 65_536;
    private static final int BATCH = 1_024;
    private static final long SECONDS_BETWEEN_TRIES = 1;

    private sealed interface Entry {
        record Told(MailEvent event) implements Entry {}

        record End() implements Entry {}
    }

    /// Where lines go. For one thread.
    interface Sink {
        /// Writes all octets; after a failure, those that are left were not written.
        void write(ByteBuffer octets) throws IOException;

        /// Ends it.
        void close() throws IOException;
    }

    private final BlockingQueue<Entry> waiting;
    private final LongAdder dropped = new LongAdder();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Sink out;
    private final Thread writer = Thread.ofPlatform().name("mail-log").unstarted(this::write);
    private long reported;

    private MailLog(Sink out, int bound) {
        this.out = out;
        this.waiting = new ArrayBlockingQueue<>(bound);
    }

    /// Starts a log at the end of a file, whose directory is made when it is missing.
    ///
    /// @throws IOException when the file cannot be written; the message names it
    public static MailLog toFile(Path file) throws IOException {
        return to(LogFile.open(file));
    }

    /// Starts a log on standard output, which stays open.
    public static MailLog toStandardOutput() {
        WritableByteChannel output = Channels.newChannel(System.out);
        return to(
                new Sink() {
                    @Override
                    public void write(ByteBuffer octets) throws IOException {
                        output.write(octets);
                        System.out.flush();
                    }

                    @Override
                    public void close() {}
                });
    }

    static MailLog to(Sink out) {
        return to(out, WAITING);
    }

    static MailLog to(Sink out, int bound) {
        MailLog log = new MailLog(out, bound);
        log.writer.start();
        return log;
    }

    @Override
    public void tell(MailEvent event) {
        if (!waiting.offer(new Entry.Told(event))) {
            dropped.increment();
        }
    }

    /// Returns how many events were dropped because too many waited.
    public long dropped() {
        return dropped.sum();
    }

    private void write() {
        List<Entry> batch = new ArrayList<>(BATCH);
        boolean open = true;
        while (open) {
            batch.clear();
            try {
                batch.add(waiting.take());
                waiting.drainTo(batch, BATCH - 1);
                write(batch);
            } catch (InterruptedException e) {
                return;
            }
            open = batch.stream().noneMatch(Entry.End.class::isInstance);
        }
    }

    /// Writes a batch, and how many events were dropped. While the log is being closed, what the
    /// disk does not take is lost, and counts as dropped.
    private void write(List<Entry> batch) throws InterruptedException {
        StringBuilder lines = new StringBuilder();
        for (Entry entry : batch) {
            if (entry instanceof Entry.Told(MailEvent event)) {
                lines.append(LogLine.of(event)).append('\n');
            }
        }
        if (!write(lines)) {
            dropped.add(batch.stream().filter(Entry.Told.class::isInstance).count());
            return;
        }
        long lost = dropped.sum();
        if (lost > reported
                && write(new StringBuilder("event=dropped count=" + (lost - reported) + "\n"))) {
            reported = lost;
        }
    }

    /// Writes text, however long that takes.
    ///
    /// @return false when the log is being closed and the disk does not take it
    private boolean write(StringBuilder text) throws InterruptedException {
        ByteBuffer octets = StandardCharsets.UTF_8.encode(CharBuffer.wrap(text));
        boolean failing = false;
        while (octets.hasRemaining()) {
            try {
                out.write(octets);
            } catch (IOException e) {
                if (!failing) {
                    LOG.error("the mail log cannot be written: {}", e.toString());
                }
                failing = true;
                if (closing.await(SECONDS_BETWEEN_TRIES, TimeUnit.SECONDS)) {
                    return false;
                }
            }
        }
        if (failing) {
            LOG.info("the mail log can be written again");
        }
        return true;
    }

    /// Writes all that was told, and ends. What is told later is lost.
    @Override
    public void close() throws IOException {
        try {
            closing.countDown();
            waiting.put(new Entry.End());
            writer.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        out.close();
    }
}
