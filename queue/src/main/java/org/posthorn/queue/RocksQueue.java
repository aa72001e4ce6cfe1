package org.posthorn.queue;

import org.posthorn.api.intake.Draft;
import org.posthorn.api.intake.QueueUnavailableException;
import org.posthorn.api.mail.Content;
import org.posthorn.api.mail.MessageId;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.random.RandomGenerator;

/// The queue on a local RocksDB.
public final class RocksQueue implements Queue, AutoCloseable {
    private RocksQueue() {}

    /// Opens the store, making it when the directory is missing or empty, and resumes all that was
    /// unfinished.
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
        Files.createDirectories(directory);
        return new RocksQueue();
    }

    /// Makes those who wait in [#take] look at the clock again: for clocks that are moved by hand.
    public void clockMoved() {}

    @Override
    public Draft begin(long expectedSize) throws QueueUnavailableException {
        throw new QueueUnavailableException(false, "there is no store yet");
    }

    @Override
    public Job take() throws InterruptedException {
        throw new InterruptedException("there is no store yet");
    }

    @Override
    public CompletionStage<Settled> settle(Job job, Settlement settlement) {
        throw new IllegalStateException("there is no store yet");
    }

    @Override
    public void giveBack(Job job) {}

    @Override
    public Optional<Content> content(MessageId message) {
        return Optional.empty();
    }

    @Override
    public Optional<QueuedMessage> find(MessageId message) {
        return Optional.empty();
    }

    @Override
    public List<QueuedMessage> list(Optional<MessageId> after, int limit) {
        return List.of();
    }

    @Override
    public Counts counts() {
        return new Counts(0, 0, 0, 0);
    }

    @Override
    public boolean retry(MessageId message) {
        return false;
    }

    @Override
    public int retry(Destination destination) {
        return 0;
    }

    @Override
    public boolean hold(MessageId message, String reason) {
        return false;
    }

    @Override
    public boolean release(MessageId message) {
        return false;
    }

    @Override
    public boolean delete(MessageId message) {
        return false;
    }

    /// Finishes the writes that were begun and closes the store. Jobs that are handed out are due
    /// again at the next start.
    @Override
    public void close() {}
}
