package org.posthorn.queue;

import org.posthorn.api.intake.Draft;
import org.posthorn.api.intake.QueueUnavailableException;
import org.posthorn.api.mail.Content;
import org.posthorn.api.mail.MessageId;
import org.posthorn.queue.QueuedMessage.QueuedJob;
import org.posthorn.queue.rocks.RocksLog;

import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/// The queue on a local RocksDB.
///
/// Methods that read or change single messages wait for the disk; they throw
/// [java.io.UncheckedIOException] when a change cannot be written.
public final class RocksQueue implements Queue, AutoCloseable {
    private static final int PARTITIONS = 256;
    private static final long LARGEST_DRAFT_MEMORY = 64L << 20;

    private final RocksLog log;
    private final LogQueue queue;
    private final Purge purge;

    private RocksQueue(RocksLog log, LogQueue queue) {
        this.log = log;
        this.queue = queue;
        this.purge = new Purge(queue);
    }

    /// Opens the store, making it when the directory is missing or empty, and resumes all that was
    /// unfinished, the end of a repair too.
    ///
    /// @param directory where the store is; on a local disk. One process at a time
    /// @param config what the operator wants of it
    /// @param limits how much is handed out at once
    /// @param clock what tells whether a job is due
    /// @param random makes message ids hard to guess; used by many threads
    /// @throws IOException when the store cannot be opened; the message names the directory and
    /// what to do
    public static RocksQueue open(
            Path directory,
            QueueConfig config,
            LaneLimits limits,
            InstantSource clock,
            RandomGenerator random)
            throws IOException {
        StoppedQueue.finishRepair(directory);
        RocksLog log =
                RocksLog.open(
                        directory,
                        PARTITIONS,
                        config.minFreeSpace().bytes(),
                        random,
                        config.writeTimeout());
        long draftMemory = Math.min(LARGEST_DRAFT_MEMORY, Runtime.getRuntime().maxMemory() / 8);
        Removals.Policy undo = new Removals.Policy(config.undoWindow(), config.undoSpace().bytes());
        return new RocksQueue(log, new LogQueue(log, limits, clock, random, draftMemory, undo));
    }

    /// Makes those who wait in [#take] look at the clock again: for clocks that are moved by hand.
    public void clockMoved() {
        queue.clockMoved();
    }

    /// Copies the store as it is now, while it is used. The copy can be used as the store is.
    ///
    /// @param to a directory that does not exist
    /// @throws IOException when it exists or cannot be written; the message names it
    public void backUp(Path to) throws IOException {
        log.copy(to);
    }

    /// Takes in a message that comes from another queue, with all that happened to it there, by one
    /// synced write. It keeps its id where that can be an id of this queue.
    ///
    /// @param content its content, which is streamed
    /// @param renamed whether it gets a new id in any case
    /// @param by who brings it: written to the history of its jobs
    /// @return its id here; nothing when a message of its id is here already, if only to be brought
    /// back
    /// @throws IOException when its content cannot be read, or is not as large as it says; then
    /// nothing of it is here
    /// @throws java.io.UncheckedIOException when the queue cannot be written
    public Optional<MessageId> bringIn(
            PortableMessage message, Content content, boolean renamed, Operation.By by)
            throws IOException {
        return queue.bringIn(message, content, renamed, by);
    }

    /// Returns how the store gets on with its disk. Does not wait for it.
    public StoreHealth health() {
        List<String> damage = new ArrayList<>(queue.damage());
        log.damaged()
                .forEach(
                        it ->
                                damage.add(
                                        "a file of table "
                                                + it
                                                + " is damaged and not compacted any more: run posthorn"
                                                + " queue repair when the server is stopped"));
        return new StoreHealth(
                log.fault(),
                log.free(),
                queue.draftMemory(),
                log.waitingWrites(),
                log.syncTime(),
                damage);
    }

    /// Has somebody told when the store fails, with the reason, and when it works again, with
    /// nothing. One at a time; it must not wait.
    public void tellFaults(Consumer<Optional<String>> told) {
        log.tellFaults(told);
    }

    @Override
    public Draft begin(long expectedSize) throws QueueUnavailableException {
        return queue.begin(expectedSize);
    }

    @Override
    public Job take() throws InterruptedException {
        return queue.take();
    }

    @Override
    public CompletionStage<Settled> settle(Job job, Settlement settlement) {
        return queue.settle(job, settlement);
    }

    @Override
    public void giveBack(Job job) {
        queue.giveBack(job);
    }

    @Override
    public Optional<Content> content(MessageId message) {
        return queue.content(message);
    }

    @Override
    public Optional<QueuedMessage> find(MessageId message) {
        return queue.find(message);
    }

    @Override
    public List<QueuedMessage> list(Optional<MessageId> after, int limit) {
        return queue.list(after, limit);
    }

    @Override
    public Counts counts() {
        return queue.counts();
    }

    @Override
    public Optional<QueuedMessage> findRemoved(MessageId message) {
        return queue.findRemoved(message);
    }

    @Override
    public List<QueuedMessage> removed(Optional<MessageId> after, int limit) {
        return queue.removed(after, limit);
    }

    @Override
    public Optional<Integer> operate(
            MessageId message, Predicate<QueuedJob> which, Operation operation, Operation.By by) {
        return queue.operate(message, which, operation, by);
    }

    @Override
    public Optional<Integer> restore(
            MessageId message, Predicate<QueuedJob> which, Operation.By by) {
        return queue.restore(message, which, by);
    }

    @Override
    public int retry(Destination destination) {
        return queue.retry(destination);
    }

    /// Finishes the writes that were begun and closes the store. Jobs that are handed out are due
    /// again at the next start.
    @Override
    public void close() {
        purge.close();
        queue.close();
    }
}
