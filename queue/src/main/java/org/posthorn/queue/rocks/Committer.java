package org.posthorn.queue.rocks;

import org.posthorn.api.intake.QueueUnavailableException;
import org.posthorn.queue.state.Edit;
import org.posthorn.queue.state.Tally;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;

/// The one thread that syncs. All writes that arrive while a sync runs share the next one.
final class Committer {
    private static final int MOST_WRITES = 1024;

    /// Takes no result.
    static final Result NOBODY =
            new Result() {
                @Override
                public void durable() {}

                @Override
                public void failed(QueueUnavailableException why) {}
            };

    private final LinkedBlockingQueue<Write> waiting = new LinkedBlockingQueue<>();
    private final Sync sync;
    private final Thread thread;
    private final Pending pending = new Pending();
    private List<Write> writing = List.of();
    private Optional<QueueUnavailableException> givenUp = Optional.empty();
    private volatile boolean closed;

    /// A write that is all or nothing.
    ///
    /// @param partition whose counters it changes
    /// @param edits what it changes
    /// @param delta how it changes the counters
    /// @param result is told what became of it
    record Write(int partition, List<Edit> edits, Tally delta, Result result) {}

    /// What became of a write. Called by the committer's thread, or by whoever gives it up.
    interface Result {
        /// It is on disk.
        void durable();

        /// It may or may not be on disk. May be told twice.
        void failed(QueueUnavailableException why);
    }

    /// Where writes go.
    interface Sync {
        /// Makes all of them durable with one sync.
        ///
        /// @throws QueueUnavailableException when that failed
        void write(List<Write> group) throws QueueUnavailableException;

        /// Is told that a write failed, after the writes' results were; returns when writing may
        /// succeed again, or at the close.
        void recover(QueueUnavailableException why);
    }

    Committer(String name, Sync sync) {
        this.sync = sync;
        this.thread = Thread.ofPlatform().name(name).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /// Puts a write behind all that came before.
    void submit(Write write) {
        waiting.add(write);
        if (closed && !thread.isAlive() && waiting.remove(write)) {
            write.result().failed(new QueueUnavailableException(false, "the queue is closed"));
        }
    }

    /// Returns how many writes wait for the next sync.
    int waiting() {
        return waiting.size();
    }

    /// Returns how long the present sync has run, or the last one took when none runs.
    Duration time() {
        return pending.time();
    }

    /// Returns how long the present sync has run.
    Duration running() {
        return pending.running();
    }

    private void run() {
        List<Write> group = new ArrayList<>();
        while (!closed || !waiting.isEmpty()) {
            try {
                group.add(waiting.take());
            } catch (InterruptedException _) {
                continue;
            }
            waiting.drainTo(group, MOST_WRITES - 1);
            commit(group);
            group.clear();
        }
    }

    private void commit(List<Write> group) {
        begin(group);
        Optional<QueueUnavailableException> failure = write(group);
        failure = failure.isPresent() ? failure : end();
        if (failure.isEmpty()) {
            group.forEach(write -> write.result().durable());
            return;
        }
        QueueUnavailableException why = failure.get();
        end();
        waiting.drainTo(group);
        group.forEach(write -> write.result().failed(why));
        sync.recover(why);
    }

    private Optional<QueueUnavailableException> write(List<Write> group) {
        try {
            sync.write(group);
            return Optional.empty();
        } catch (QueueUnavailableException e) {
            return Optional.of(e);
        }
    }

    private synchronized void begin(List<Write> group) {
        writing = List.copyOf(group);
        pending.begin();
    }

    /// Returns why the writes were given up, if they were.
    private synchronized Optional<QueueUnavailableException> end() {
        Optional<QueueUnavailableException> why = givenUp;
        writing = List.of();
        givenUp = Optional.empty();
        pending.end();
        return why;
    }

    /// Tells those who wait that their writes have failed, for the disk does not come back. Once it
    /// does, that is a failed write like any other. Nothing may be submitted meanwhile.
    void giveUp(QueueUnavailableException why) {
        List<Write> failed = new ArrayList<>();
        synchronized (this) {
            givenUp = Optional.of(why);
            failed.addAll(writing);
            writing = List.of();
        }
        waiting.drainTo(failed);
        failed.forEach(write -> write.result().failed(why));
        submit(new Write(0, List.of(), Tally.ZERO, NOBODY));
    }

    /// Writes what waits, then ends the thread.
    void close() {
        closed = true;
        submit(new Write(0, List.of(), Tally.ZERO, NOBODY));
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        waiting.forEach(
                write ->
                        write.result()
                                .failed(
                                        new QueueUnavailableException(
                                                false, "the queue is closed")));
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
