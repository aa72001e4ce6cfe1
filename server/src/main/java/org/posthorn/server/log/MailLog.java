package org.posthorn.server.log;

import org.posthorn.api.event.MailEvent;
import org.posthorn.api.event.MailObserver;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.LongAdder;

/// Writes one line per event. Telling never waits for the disk: events wait in memory, up to a
/// bound, and a thread of its own writes them. What is beyond the bound is dropped and counted, and
/// the log says how many.
///
/// Safe for use by many threads. When the log cannot be written, the server goes on, says so in the
/// developer log, and tries again with the next event.
public final class MailLog implements MailObserver, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MailLog.class);
    private static final int WAITING = 65_536;
    private static final int BATCH = 1_024;

    private sealed interface Entry {
        record Told(MailEvent event) implements Entry {}

        record End() implements Entry {}
    }

    private final BlockingQueue<Entry> waiting;
    private final LongAdder dropped = new LongAdder();
    private final Writer out;
    private final Thread writer = Thread.ofPlatform().name("mail-log").unstarted(this::write);
    private long reported;

    private MailLog(Writer out, int bound) {
        this.out = out;
        this.waiting = new ArrayBlockingQueue<>(bound);
    }

    /// Starts a log at the end of a file, whose directory is made when it is missing.
    ///
    /// @throws IOException when the file cannot be written; the message names it
    public static MailLog toFile(Path file) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        if (directory != null) {
            Files.createDirectories(directory);
        }
        return to(
                Files.newBufferedWriter(
                        file, StandardOpenOption.CREATE, StandardOpenOption.APPEND));
    }

    /// Starts a log on standard output, which stays open.
    public static MailLog toStandardOutput() {
        return to(new BufferedWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8)));
    }

    static MailLog to(Writer out) {
        return to(out, WAITING);
    }

    static MailLog to(Writer out, int bound) {
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
        boolean failing = false;
        while (open) {
            batch.clear();
            try {
                batch.add(waiting.take());
            } catch (InterruptedException e) {
                return;
            }
            waiting.drainTo(batch, BATCH - 1);
            open = batch.stream().noneMatch(Entry.End.class::isInstance);
            failing = !write(batch, failing);
        }
    }

    /// Tells whether the disk took the batch. Otherwise its events are lost, and count as dropped.
    private boolean write(List<Entry> batch, boolean failing) {
        try {
            write(batch);
            return true;
        } catch (IOException e) {
            dropped.add(batch.stream().filter(Entry.Told.class::isInstance).count());
            if (!failing) {
                LOG.error("the mail log cannot be written: {}", e.toString());
            }
            return false;
        }
    }

    private void write(List<Entry> batch) throws IOException {
        for (Entry entry : batch) {
            if (entry instanceof Entry.Told(MailEvent event)) {
                out.write(LogLine.of(event) + "\n");
            }
        }
        long lost = dropped.sum();
        if (lost > reported) {
            out.write("event=dropped count=" + (lost - reported) + "\n");
        }
        out.flush();
        reported = lost;
    }

    /// Writes all that was told, and ends. What is told later is lost.
    @Override
    public void close() throws IOException {
        try {
            waiting.put(new Entry.End());
            writer.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        out.flush();
    }
}
