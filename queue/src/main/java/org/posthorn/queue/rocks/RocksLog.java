package org.posthorn.queue.rocks;

import org.jspecify.annotations.Nullable;
import org.posthorn.api.intake.QueueUnavailableException;
import org.posthorn.api.mail.Content;
import org.posthorn.queue.log.ChunkSink;
import org.posthorn.queue.log.Lease;
import org.posthorn.queue.log.NotOwnerException;
import org.posthorn.queue.log.OwnerCallback;
import org.posthorn.queue.log.QueueLog;
import org.posthorn.queue.log.Restore;
import org.posthorn.queue.state.ContentRef;
import org.posthorn.queue.state.Edit;
import org.posthorn.queue.state.Entry;
import org.posthorn.queue.state.MessageKey;
import org.posthorn.queue.state.PartitionState;
import org.posthorn.queue.state.StateBatch;
import org.posthorn.queue.state.StoreFailedException;
import org.posthorn.queue.state.Table;
import org.posthorn.queue.state.Tally;
import org.posthorn.queue.state.View;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/// The log on a local RocksDB. Owning the directory's lock is owning all partitions.
///
/// Accepts and settlements go to disk in one synced batch each, many of them sharing a sync
/// ([Committer]). After a failed write nobody knows what is on disk, and RocksDB refuses all
/// further ones: all leases are lost, all that waits fails, and the store is opened again until
/// that succeeds. Then the partitions are assigned anew, under the next epoch.
public final class RocksLog implements QueueLog {
    private static final Logger LOG = LoggerFactory.getLogger(RocksLog.class);
    private static final byte[] EPOCH = {'e'};
    private static final byte[] PARTITIONS = {'n'};
    private static final long SECONDS_BETWEEN_REPAIRS = 1;
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    /// From here on, positions are not taken from other queues: those behind are this one's.
    private static final long LAST_FOREIGN = 1L << 47;

    private final RocksStore store;
    private final SpaceGauge gauge;
    private final RandomGenerator random;
    private final int partitions;
    private final RocksView view;
    private final Committer committer =
            new Committer(
                    "posthorn-queue-commit",
                    new Committer.Sync() {
                        @Override
                        public void write(List<Committer.Write> group)
                                throws QueueUnavailableException {
                            writeGroup(group);
                        }

                        @Override
                        public void recover(QueueUnavailableException why) {
                            loseAndReopen(why);
                        }
                    });
    private final Chunks chunks;
    private final Tidy tidy;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final WriteWatch watch;

    /// Held to send a write to the committer, and to let no more go there: what was checked against
    /// one opening of the store is never written to the next, which has swept what it relies on.
    private final Object gate = new Object();

    private volatile Counters counters;
    private volatile long epoch;
    private volatile @Nullable QueueUnavailableException down =
            new QueueUnavailableException(false, "the queue has not started");
    private volatile @Nullable OwnerCallback owner;
    private volatile Consumer<Optional<String>> faults = _ -> {};
    private volatile String closedBecause = "";

    private RocksLog(
            RocksStore store,
            SpaceGauge gauge,
            int partitions,
            RandomGenerator random,
            Duration writeTimeout) {
        this.store = store;
        this.gauge = gauge;
        this.partitions = partitions;
        this.random = random;
        this.counters = new Counters(partitions, store);
        this.view = new RocksView(store, this::doubt);
        this.chunks = new Chunks(store, gauge, this::doubt);
        this.tidy = new Tidy(store, this::tally, this::doubt);
        this.watch = new WriteWatch(writeTimeout, this::pending, this::giveUp);
    }

    /// Opens the store in a directory, making it where there is none.
    ///
    /// @param partitions how many partitions a new store gets; an old one keeps its own
    /// @param minFree the octets that stay free on the file system
    /// @param writeTimeout how long a write may take until those who wait are told that it failed
    /// @throws IOException when it cannot be opened; the message names the directory and what to do
    public static RocksLog open(
            Path directory,
            int partitions,
            long minFree,
            RandomGenerator random,
            Duration writeTimeout)
            throws IOException {
        SpaceGauge gauge =
                new SpaceGauge(
                        minFree, () -> directory.toFile().getUsableSpace(), directory.toString());
        return open(directory, partitions, gauge, random, StoreTuning.SERVER, writeTimeout);
    }

    /// Opens the store as the other method does, with the longest patience for writes.
    ///
    /// @throws IOException when it cannot be opened
    public static RocksLog open(
            Path directory, int partitions, long minFree, RandomGenerator random)
            throws IOException {
        return open(directory, partitions, minFree, random, PATIENCE);
    }

    static RocksLog open(Path directory, int partitions, SpaceGauge gauge, RandomGenerator random)
            throws IOException {
        return open(directory, partitions, gauge, random, StoreTuning.SERVER, PATIENCE);
    }

    /// Opens the store as the other method does, with no regard to space, and with another tuning.
    ///
    /// @throws IOException when it cannot be opened
    public static RocksLog open(
            Path directory, int partitions, RandomGenerator random, StoreTuning tuning)
            throws IOException {
        SpaceGauge gauge = new SpaceGauge(0, () -> Long.MAX_VALUE, directory.toString());
        return open(directory, partitions, gauge, random, tuning, PATIENCE);
    }

    private static RocksLog open(
            Path directory,
            int partitions,
            SpaceGauge gauge,
            RandomGenerator random,
            StoreTuning tuning,
            Duration writeTimeout)
            throws IOException {
        RocksStore store = new RocksStore(directory, tuning);
        try {
            store.open();
            int stored =
                    store.get(Table.META, PARTITIONS)
                            .map(octets -> ByteBuffer.wrap(octets).getInt())
                            .orElse(partitions);
            RocksLog log = new RocksLog(store, gauge, stored, random, writeTimeout);
            log.takeOver();
            return log;
        } catch (IOException | RuntimeException e) {
            store.close();
            throw e instanceof IOException io
                    ? io
                    : new IOException(
                            "the queue in " + directory + " cannot be read: " + e.getMessage(), e);
        }
    }

    /// Begins an epoch: what was streamed and has no message is swept.
    private void takeOver() throws IOException {
        chunks.sweep();
        long stored =
                store.get(Table.META, EPOCH)
                        .map(octets -> ByteBuffer.wrap(octets).getLong())
                        .orElse(0L);
        epoch = Math.max(epoch, stored) + 1;
        try {
            store.write(
                    List.of(
                            new Unfolding(store).run(),
                            List.of(
                                    new Edit.Put(
                                            Table.META,
                                            EPOCH,
                                            ByteBuffer.allocate(8).putLong(epoch).array()),
                                    new Edit.Put(
                                            Table.META,
                                            PARTITIONS,
                                            ByteBuffer.allocate(4).putInt(partitions).array()))),
                    true);
        } catch (RocksDBException e) {
            throw new IOException(
                    "the queue in " + store.directory() + " cannot be written: " + e.getMessage(),
                    e);
        }
    }

    @Override
    public int partitions() {
        return partitions;
    }

    @Override
    public void start(OwnerCallback callback) {
        owner = callback;
        assign(callback);
        committer.start();
        tidy.start();
        watch.start();
    }

    private void assign(OwnerCallback callback) {
        down = null;
        for (int partition = 0; partition < partitions; partition++) {
            callback.assigned(new Lease(partition, epoch), new Restore(counters.of(partition)));
        }
    }

    @Override
    public void admit(long size) throws QueueUnavailableException {
        QueueUnavailableException why = down;
        if (why != null) {
            throw why;
        }
        gauge.admit(size);
    }

    @Override
    public CompletionStage<MessageKey> append(int partition, Entry entry) {
        long its = epoch;
        if (entry.body() instanceof Entry.Body.Streamed(_, ContentRef rest)
                && !chunks.isOpen(rest.place())) {
            return CompletableFuture.failedStage(Chunks.openedAgain());
        }
        MessageKey key = newKey(partition);
        PartitionState.WriteBatch batch = PartitionState.apply(key, entry);
        Lease lease = new Lease(partition, its);
        return submit(lease, batch.edits(), batch.delta(), () -> born(lease, key, entry))
                .thenApply(_ -> key);
    }

    @Override
    public CompletionStage<List<MessageKey>> commit(Lease lease, StateBatch facts) {
        if (lease.epoch() != epoch) {
            return CompletableFuture.failedStage(new NotOwnerException(lease));
        }
        List<MessageKey> large = new ArrayList<>();
        for (StateBatch.Change change : facts.changes()) {
            if (change instanceof StateBatch.Change.Imported imported) {
                counters.skip(imported.message());
                if (imported.body() instanceof Entry.Body.Streamed(_, ContentRef rest)) {
                    large.add(rest.place());
                }
            }
        }
        if (!large.stream().allMatch(chunks::isOpen)) {
            return CompletableFuture.failedStage(Chunks.openedAgain());
        }
        PartitionState.WriteBatch changes = PartitionState.apply(facts);
        List<Edit> edits = new ArrayList<>(changes.edits());
        Tally delta = changes.delta();
        List<MessageKey> keys = new ArrayList<>();
        for (Entry birth : facts.births()) {
            MessageKey key = newKey(lease.partition());
            PartitionState.WriteBatch batch = PartitionState.apply(key, birth);
            edits.addAll(batch.edits());
            delta = delta.plus(batch.delta());
            keys.add(key);
        }
        return submit(
                        lease,
                        edits,
                        delta,
                        () -> {
                            large.forEach(chunks::forget);
                            for (int i = 0; i < keys.size(); i++) {
                                born(lease, keys.get(i), facts.births().get(i));
                            }
                        })
                .thenApply(_ -> keys);
    }

    @Override
    public MessageKey key(Optional<MessageKey> wanted, int partition) {
        return wanted.filter(it -> it.partition() < partitions && it.position() < LAST_FOREIGN)
                .orElseGet(() -> newKey(partition));
    }

    private MessageKey newKey(int partition) {
        return new MessageKey(partition, counters.nextPosition(partition), random.nextInt());
    }

    private void born(Lease lease, MessageKey key, Entry entry) {
        if (entry.body() instanceof Entry.Body.Streamed(_, ContentRef rest)) {
            chunks.forget(rest.place());
        }
        told().appended(lease, key, entry);
    }

    private CompletableFuture<@Nullable Void> submit(
            Lease lease, List<Edit> edits, Tally delta, Runnable durable) {
        CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
        Committer.Result result =
                new Committer.Result() {
                    @Override
                    public void durable() {
                        durable.run();
                        done.complete(null);
                    }

                    @Override
                    public void failed(QueueUnavailableException e) {
                        done.completeExceptionally(e);
                    }
                };
        synchronized (gate) {
            QueueUnavailableException why = down;
            if (why == null && lease.epoch() == epoch) {
                committer.submit(new Committer.Write(lease.partition(), edits, delta, result));
                return done;
            }
            done.completeExceptionally(why == null ? Chunks.openedAgain() : why);
            return done;
        }
    }

    private void writeGroup(List<Committer.Write> group) throws QueueUnavailableException {
        Counters.Next next = counters.with(group);
        List<List<Edit>> edits = new ArrayList<>(group.size() + 1);
        group.forEach(write -> edits.add(write.edits()));
        edits.add(next.edits());
        try {
            store.write(edits, true);
        } catch (RocksDBException | RuntimeException e) {
            if (e instanceof RocksDBException refused) {
                store.spareDamaged(refused);
            }
            QueueUnavailableException why =
                    new QueueUnavailableException(
                            gauge.isFull(),
                            "writing failed in " + store.directory() + ": " + e.getMessage(),
                            e);
            shut(why);
            throw why;
        }
        counters.become(next);
    }

    private void shut(QueueUnavailableException why) {
        synchronized (gate) {
            down = why;
        }
    }

    /// Lets the committer find out whether the store still works: it writes, and recovers when that
    /// fails.
    private void doubt() {
        committer.submit(new Committer.Write(0, List.of(), Tally.ZERO, Committer.NOBODY));
    }

    private Duration pending() {
        Duration chunk = chunks.running();
        Duration sync = committer.running();
        return chunk.compareTo(sync) > 0 ? chunk : sync;
    }

    /// Answers all who wait for a disk that does not: they may be told by nobody else for hours.
    private void giveUp(Duration waited) {
        if (down == null) {
            QueueUnavailableException why =
                    new QueueUnavailableException(
                            false,
                            "the disk has not written for %d s what %s waits for: look at the disk"
                                    .formatted(waited.toSeconds(), store.directory()));
            LOG.error("{}; senders are told to come again", why.getMessage());
            shut(why);
            committer.giveUp(why);
            chunks.giveUp(why);
            faults.accept(fault());
        }
    }

    private void loseAndReopen(QueueUnavailableException why) {
        LOG.error("{}; no mail is taken until the store can be opened again", why.getMessage());
        faults.accept(fault());
        chunks.forgetAll();
        for (int partition = 0; partition < partitions; partition++) {
            told().lost(new Lease(partition, epoch));
        }
        while (!reopened()) {
            try {
                if (closing.await(SECONDS_BETWEEN_REPAIRS, TimeUnit.SECONDS)) {
                    return;
                }
            } catch (InterruptedException _) {
                return;
            }
        }
        LOG.info("the queue in {} works again", store.directory());
        closedBecause = "";
        assign(told());
        faults.accept(Optional.empty());
    }

    private boolean reopened() {
        if (gauge.isFull()) {
            return stillClosed("there is no space");
        }
        try {
            store.open();
            Counters stored = new Counters(partitions, store);
            stored.skip(counters);
            counters = stored;
            takeOver();
            return true;
        } catch (IOException | RuntimeException e) {
            return stillClosed(String.valueOf(e.getMessage()));
        }
    }

    /// Says why, once for each reason.
    private boolean stillClosed(String why) {
        if (!why.equals(closedBecause)) {
            closedBecause = why;
            LOG.warn("the store stays closed, and is tried every second: {}", why);
        }
        return false;
    }

    /// Returns what keeps the store from writing, or from taking mail, if anything does.
    public Optional<String> fault() {
        QueueUnavailableException why = down;
        if (why == null) {
            return gauge.lack();
        }
        String first = String.valueOf(why.getMessage());
        return Optional.of(
                closedBecause.isEmpty()
                        ? first
                        : first + "; it cannot be opened again: " + closedBecause);
    }

    /// Has somebody told when the store has failed, with the reason, and with nothing when it works
    /// again. Told on the log's threads; must not wait.
    public void tellFaults(Consumer<Optional<String>> told) {
        faults = told;
    }

    /// Returns the octets that are free on the file system.
    public long free() {
        return gauge.free();
    }

    /// Returns how many writes wait for the next sync.
    public int waitingWrites() {
        return committer.waiting();
    }

    /// Returns how long the present sync has run, or the last one took when none runs.
    public Duration syncTime() {
        return committer.time();
    }

    /// Returns the tables with a damaged file, which is left as it is.
    public Set<Table> damaged() {
        return store.spared();
    }

    private OwnerCallback told() {
        OwnerCallback callback = owner;
        if (callback == null) {
            throw new IllegalStateException("the log has not started");
        }
        return callback;
    }

    @Override
    public ChunkSink openLarge(int partition) {
        return chunks.open(newKey(partition));
    }

    @Override
    public ChunkSink openLarge(MessageKey key) {
        return chunks.open(key);
    }

    @Override
    public Content open(ContentRef content) {
        return new StoredContent(store, content);
    }

    @Override
    public CompletionStage<Void> truncate(Lease lease, long low) {
        return chunks.run(
                        () -> {
                            if (lease.epoch() != epoch) {
                                throw new NotOwnerException(lease);
                            }
                            store.deleteRange(
                                    Table.CONTENT,
                                    ContentRef.key(new MessageKey(lease.partition(), 0, 0), 0),
                                    ContentRef.key(new MessageKey(lease.partition(), low, 0), 0));
                            return Optional.empty();
                        })
                .thenApply(_ -> null);
    }

    /// Copies the store as it is now, while it is used. The copy is a store of its own.
    ///
    /// @param to a directory that does not exist
    /// @throws IOException when it exists or cannot be written
    public void copy(Path to) throws IOException {
        try {
            store.copy(to);
        } catch (StoreFailedException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    @Override
    public View view() {
        return view;
    }

    @Override
    public Tally tally() {
        return counters.total();
    }

    @Override
    public void close() {
        closing.countDown();
        watch.close();
        if (owner != null) {
            committer.close();
        }
        chunks.close();
        tidy.close();
        shut(new QueueUnavailableException(false, "the queue is closed"));
        store.close();
    }
}
