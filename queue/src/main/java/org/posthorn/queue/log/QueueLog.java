package org.posthorn.queue.log;

import org.posthorn.api.intake.QueueUnavailableException;
import org.posthorn.api.mail.Content;
import org.posthorn.queue.state.ContentRef;
import org.posthorn.queue.state.Entry;
import org.posthorn.queue.state.MessageKey;
import org.posthorn.queue.state.StateBatch;
import org.posthorn.queue.state.Tally;
import org.posthorn.queue.state.View;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/// What makes the queue durable: messages are appended by anybody, their state is changed by the
/// partition's owner only.
///
/// Safe for use by many threads; nothing here waits for the disk, except where it says so. A stage
/// that fails with [QueueUnavailableException] leaves open whether the write happened: who was
/// refused tries again, which makes a duplicate and never a loss. Stages are completed on one of
/// the log's threads, in the order of the writes.
public interface QueueLog extends AutoCloseable {

    /// Returns how many partitions there are, 1 to 65,536. The same for as long as the log exists.
    int partitions();

    /// Begins to tell of leases and messages, on one of the log's threads. Called once, before
    /// anything else but [#partitions].
    void start(OwnerCallback owner);

    /// Asks whether a message may begin.
    ///
    /// @param size the octets that are expected
    /// @throws QueueUnavailableException when space lacks or the log cannot write
    void admit(long size) throws QueueUnavailableException;

    /// Appends a message, durably and whole.
    ///
    /// @return its key, done when it is durable; then its owner has been told
    CompletionStage<MessageKey> append(int partition, Entry entry);

    /// Returns a key for a message that comes from another queue: the one that it had there, where
    /// this log can have it, or a new one. It may be in use.
    ///
    /// @param wanted the one that it had
    /// @param partition where a new one is
    MessageKey key(Optional<MessageKey> wanted, int partition);

    /// Begins large content, whose message is to be appended to the same partition.
    ChunkSink openLarge(int partition);

    /// Begins the large content of a message that comes from another queue, under its own key.
    ///
    /// @param key as [#key] gave it; nothing else has it
    ChunkSink openLarge(MessageKey key);

    /// Changes the state of a partition, durably and whole.
    ///
    /// @param lease the lease of the partition, as it was assigned last
    /// @return the keys of the messages that began with it, done when all is durable. Failed with
    /// [NotOwnerException], and nothing
    ///     changed, when the lease is not the present one
    CompletionStage<List<MessageKey>> commit(Lease lease, StateBatch batch);

    /// Returns content, to be read when it is wanted. Reading fails with an `IOException` when a
    /// chunk is gone or damaged.
    Content open(ContentRef content);

    /// Drops the content of all messages below a position. The owner knows that nothing refers to
    /// it.
    ///
    /// @return done when it is gone, or failed as [#commit] does
    CompletionStage<Void> truncate(Lease lease, long low);

    /// Returns the tables of the partitions that are owned here.
    View view();

    /// Returns how much the partitions that are owned here hold.
    Tally tally();

    /// Finishes the writes that were begun, waits for them and closes. All later ones fail.
    @Override
    void close();
}
