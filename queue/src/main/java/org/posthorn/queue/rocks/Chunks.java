package org.posthorn.queue.rocks;

import org.posthorn.api.intake.QueueUnavailableException;
import org.posthorn.queue.log.ChunkSink;
import org.posthorn.queue.state.ContentRef;
import org.posthorn.queue.state.Edit;
import org.posthorn.queue.state.MessageKey;
import org.posthorn.queue.state.PartitionState;
import org.posthorn.queue.state.StoreFailedException;
import org.posthorn.queue.state.Table;
import org.rocksdb.RocksDBException;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/// Large content that comes in: written by one thread, unsynced, beside the committer.
///
/// All goes through one write-ahead log in order, so the sync of the message's commit covers the
/// chunks before it; where the log's file was switched in between, RocksDB syncs the files before
/// it as well. A note in [Table#DRAFT] stands from the first chunk to the message; each chunk
/// brings it, so that none is left behind without one.
final class Chunks implements AutoCloseable {
    private final RocksStore store;
    private final SpaceGauge gauge;
    private final Runnable doubt;
    private final Set<MessageKey> open = ConcurrentHashMap.newKeySet();
    private final Set<Consumer<QueueUnavailableException>> waiting = ConcurrentHashMap.newKeySet();
    private final Pending pending = new Pending();
    private final ExecutorService writer =
            Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().name("posthorn-queue-chunks").factory());

    /// Makes it.
    ///
    /// @param doubt is run when a write has failed
    Chunks(RocksStore store, SpaceGauge gauge, Runnable doubt) {
        this.store = store;
        this.gauge = gauge;
        this.doubt = doubt;
    }

    /// Removes what was begun and has no message. What is begun meanwhile is given up.
    void sweep() throws IOException {
        List<MessageKey> orphans = new ArrayList<>();
        store.scan(
                Table.DRAFT, new byte[0], new byte[0], (key, _) -> orphans.add(MessageKey.of(key)));
        try {
            for (MessageKey orphan : orphans) {
                store.deleteRange(
                        Table.CONTENT,
                        ContentRef.key(orphan, 0),
                        ContentRef.key(orphan, Integer.MAX_VALUE));
                store.write(List.of(PartitionState.drop(new ContentRef(orphan, 0, 0, 0))), true);
            }
        } catch (RocksDBException e) {
            throw new IOException(
                    "the queue in " + store.directory() + " cannot be swept: " + e.getMessage(), e);
        }
        forgetAll();
    }

    /// Returns why content cannot get its message any more.
    static QueueUnavailableException openedAgain() {
        return new QueueUnavailableException(
                false, "the store was opened again while the message came in");
    }

    ChunkSink open(MessageKey place) {
        open.add(place);
        return new Sink(place);
    }

    /// Tells whether content can still get its message.
    boolean isOpen(MessageKey place) {
        return open.contains(place);
    }

    void forget(MessageKey place) {
        open.remove(place);
    }

    /// Gives up all that is open: it is swept when the store is opened again.
    void forgetAll() {
        open.clear();
    }

    <T> CompletableFuture<T> run(Callable<T> work) {
        CompletableFuture<T> done = new CompletableFuture<>();
        Consumer<QueueUnavailableException> failed = done::completeExceptionally;
        waiting.add(failed);
        try {
            writer.execute(
                    () -> {
                        if (done.isDone()) {
                            return;
                        }
                        pending.begin();
                        try {
                            done.complete(work.call());
                        } catch (RocksDBException | StoreFailedException e) {
                            doubt.run();
                            done.completeExceptionally(
                                    new QueueUnavailableException(
                                            gauge.isFull(),
                                            "writing failed in "
                                                    + store.directory()
                                                    + ": "
                                                    + e.getMessage(),
                                            e));
                        } catch (Exception e) {
                            done.completeExceptionally(e);
                        } finally {
                            pending.end();
                            waiting.remove(failed);
                        }
                    });
        } catch (RejectedExecutionException e) {
            waiting.remove(failed);
            done.completeExceptionally(
                    new QueueUnavailableException(false, "the queue is closed", e));
        }
        return done;
    }

    /// Returns how long the present write has run.
    Duration running() {
        return pending.running();
    }

    /// Tells those who wait that their writes have failed. What was not begun is not begun any
    /// more.
    void giveUp(QueueUnavailableException why) {
        waiting.forEach(it -> it.accept(why));
        waiting.clear();
    }

    @Override
    public void close() {
        writer.close();
    }

    private final class Sink implements ChunkSink {
        private final MessageKey place;
        private volatile ContentRef written;

        Sink(MessageKey place) {
            this.place = place;
            this.written = new ContentRef(place, 0, 1, 1);
        }

        @Override
        public int partition() {
            return place.partition();
        }

        @Override
        public CompletionStage<Void> write(byte[] octets) {
            return run(() -> {
                        gauge.admit(octets.length);
                        if (!isOpen(place)) {
                            throw openedAgain();
                        }
                        ContentRef before = written;
                        Edit chunk =
                                new Edit.Put(
                                        Table.CONTENT, ContentRef.key(place, before.end()), octets);
                        store.write(List.of(List.of(PartitionState.begun(place), chunk)), false);
                        written =
                                new ContentRef(
                                        place, before.size() + octets.length, 1, before.end() + 1);
                        return written;
                    })
                    .thenApply(_ -> null);
        }

        @Override
        public ContentRef written() {
            return written;
        }

        @Override
        public void drop() {
            if (open.remove(place)) {
                var _ =
                        run(
                                () -> {
                                    store.write(List.of(PartitionState.drop(written)), false);
                                    return written;
                                });
            }
        }
    }
}
