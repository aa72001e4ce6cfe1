package org.posthorn.queue;

import static java.nio.charset.StandardCharsets.US_ASCII;

import org.posthorn.api.delivery.Outcome;
import org.posthorn.api.intake.Draft;
import org.posthorn.api.mail.MessageId;
import org.posthorn.api.smtp.Reply;
import org.posthorn.queue.rocks.RocksLog;
import org.posthorn.queue.rocks.StoreTuning;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/// A process under load whose disk is recorded: sessions accept, others settle, operators meddle.
/// It notes what it asks for and what is acknowledged, as [Promises] reads it, in lines of words.
///
/// Arguments: the store's directory, the file for notes, a seed, how many messages, the names'
/// prefix, `synced` or `unsynced`, and how it ends: `closed` or `halted`.
final class LoadedQueue {
    private static final int PARTITIONS = 8;
    private static final int SESSIONS = 12;
    private static final int AGENTS = 4;
    private static final int OPERATORS = 2;
    private static final long DRAFT_MEMORY = 200_000;
    private static final Duration UNDO_WINDOW = Duration.ofHours(1);
    private static final long UNDO_SPACE = 100_000;

    private final LogQueue queue;
    private final FileOutputStream notes;
    private final AtomicInteger left;
    private final AtomicInteger numbers = new AtomicInteger();
    private final String prefix;
    private final LinkedBlockingQueue<Accepted> accepted = new LinkedBlockingQueue<>();
    private volatile boolean ended;

    private record Accepted(String token, MessageId id) {}

    private LoadedQueue(LogQueue queue, FileOutputStream notes, int count, String prefix) {
        this.queue = queue;
        this.notes = notes;
        this.left = new AtomicInteger(count);
        this.prefix = prefix;
    }

    /// Opens the queue that stands in a directory, small enough that a little load fills its
    /// memtables.
    static RocksLog open(Path directory, boolean synced) throws IOException {
        return RocksLog.open(
                directory, PARTITIONS, new SecureRandom(), new StoreTuning(synced, 32));
    }

    static LogQueue queue(RocksLog log, InstantSource clock) {
        LaneLimits limits =
                new LaneLimits() {
                    @Override
                    public int active() {
                        return 1000;
                    }

                    @Override
                    public int lanes(Destination destination) {
                        return 4;
                    }
                };
        Removals.Policy undo = new Removals.Policy(UNDO_WINDOW, UNDO_SPACE);
        return new LogQueue(log, limits, clock, new SecureRandom(), DRAFT_MEMORY, undo);
    }

    public static void main(String[] arguments) throws Exception {
        long seed = Long.parseLong(arguments[2]);
        try (FileOutputStream notes = new FileOutputStream(arguments[1])) {
            RocksLog log = open(Path.of(arguments[0]), arguments[5].equals("synced"));
            LogQueue queue = queue(log, InstantSource.system());
            int count = Integer.parseInt(arguments[3]);
            LoadedQueue load = new LoadedQueue(queue, notes, count, arguments[4]);
            load.run(new SplittableRandom(seed));
            if (arguments[6].equals("halted")) {
                Runtime.getRuntime().halt(0);
            }
            load.close();
        }
        Runtime.getRuntime().halt(0);
    }

    private void run(SplittableRandom random) throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (int session = 0; session < SESSIONS; session++) {
            SplittableRandom its = random.split();
            threads.add(Thread.ofPlatform().start(() -> accept(its)));
        }
        for (int agent = 0; agent < AGENTS; agent++) {
            SplittableRandom its = random.split();
            Thread.ofPlatform().daemon().start(() -> deliver(its));
        }
        for (int operator = 0; operator < OPERATORS; operator++) {
            SplittableRandom its = random.split();
            threads.add(Thread.ofPlatform().start(() -> operate(its)));
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private void close() {
        ended = true;
        queue.close();
    }

    /// Writes a note by one write, so that it stands whole in the journal.
    private synchronized void note(Object... words) {
        try {
            notes.write(
                    (List.of(words).stream().map(String::valueOf).collect(Collectors.joining(" "))
                                    + "\n")
                            .getBytes(US_ASCII));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void accept(SplittableRandom random) {
        while (left.getAndDecrement() > 0) {
            Sample sample = Sample.random(prefix + numbers.incrementAndGet(), random);
            try (Draft draft = queue.begin(0)) {
                ByteBuffer body = ByteBuffer.wrap(sample.body());
                while (body.hasRemaining()) {
                    ByteBuffer part =
                            body.slice(body.position(), Math.min(20_000, body.remaining()));
                    body.position(body.position() + part.remaining());
                    draft.write(part).toCompletableFuture().join();
                }
                if (random.nextInt(20) == 0) {
                    continue;
                }
                note("a", sample);
                MessageId id = draft.commit(sample.submission()).toCompletableFuture().join();
                note("A", sample.token());
                if (random.nextInt(6) == 0) {
                    accepted.add(new Accepted(sample.token(), id));
                }
            } catch (Exception e) {
                fail(e);
            }
        }
    }

    private void deliver(SplittableRandom random) {
        try {
            while (true) {
                settle(queue.take(), random);
            }
        } catch (Exception e) {
            if (!ended) {
                fail(e);
            }
        }
    }

    private void settle(Job job, SplittableRandom random) {
        List<Outcome> outcomes = new ArrayList<>();
        StringBuilder kinds = new StringBuilder();
        int manner = random.nextInt(10);
        for (int i = 0; i < job.envelope().recipients().size(); i++) {
            char kind = manner < 6 ? 'D' : "DLF".charAt(random.nextInt(3));
            kinds.append(kind);
            outcomes.add(
                    switch (kind) {
                        case 'D' -> new Outcome.Delivered(Mail.OK);
                        case 'L' -> new Outcome.Deferred(Mail.LATER);
                        default -> new Outcome.Failed(Reply.of(550, "5.1.1", "unknown"));
                    });
        }
        String id = prefix + "s" + numbers.incrementAndGet();
        long wait = random.nextInt(3) == 0 ? 3_600_000 : random.nextInt(1000);
        Instant next = Instant.ofEpochMilli(InstantSource.system().millis() + wait);
        boolean waits = kinds.indexOf("L") >= 0;
        boolean failed = kinds.indexOf("F") >= 0;
        Sample bounce = Sample.bounce(id, random);
        note(
                "s",
                id,
                Sample.token(job),
                job.destination().domain(),
                Sample.words(job.envelope().recipients()),
                kinds,
                waits ? next.toEpochMilli() : 0,
                failed ? bounce : "-");
        queue.settle(
                        job,
                        new Settlement(
                                outcomes,
                                waits ? Optional.of(next) : Optional.empty(),
                                Optional.empty(),
                                Set.of(),
                                failed
                                        ? List.of(
                                                new Settlement.Report(
                                                        bounce.submission(),
                                                        ByteBuffer.wrap(bounce.body())))
                                        : List.of()))
                .whenComplete(
                        (settled, failure) -> {
                            if (failure == null) {
                                note("S", id, settled.reports().size());
                            }
                        });
    }

    private void operate(SplittableRandom random) {
        try {
            while (left.get() > 0) {
                queue.purge();
                Accepted it = accepted.poll(10, TimeUnit.MILLISECONDS);
                if (it != null) {
                    operate(it, random);
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            fail(e);
        }
    }

    private void operate(Accepted it, SplittableRandom random) {
        switch (random.nextInt(4)) {
            case 0 -> {
                note("d", it.token());
                new Operator(queue).delete(it.id());
                note("D", it.token());
            }
            case 1 -> {
                note("t", it.token());
                new Operator(queue).retry(it.id());
                note("T", it.token());
            }
            default -> {
                note("h", it.token());
                new Operator(queue).hold(it.id(), "a test");
                note("H", it.token());
                if (random.nextBoolean()) {
                    note("r", it.token());
                    new Operator(queue).release(it.id());
                    note("R", it.token());
                }
            }
        }
    }

    private static void fail(Exception e) {
        e.printStackTrace();
        Runtime.getRuntime().halt(1);
    }
}
