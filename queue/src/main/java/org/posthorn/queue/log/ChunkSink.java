package org.posthorn.queue.log;

import org.posthorn.queue.state.ContentRef;

import java.util.concurrent.CompletionStage;

/// Large content on its way into the log, before it has a message. For one thread at a time.
///
/// Its chunks become durable with the message's append at the latest. What never gets a message is
/// garbage that the log removes, at its next start if need be.
public interface ChunkSink {

    /// Returns the partition to which the message must be appended.
    int partition();

    /// Writes the next chunk.
    ///
    /// @param octets the sink's until the result is done
    /// @return done when the next one may come. Failed with `QueueUnavailableException` when the
    /// log cannot write: the sink can then
    ///     only be dropped
    CompletionStage<Void> write(byte[] octets);

    /// Returns what has been written and acknowledged so far. It can be read.
    ContentRef written();

    /// Removes all of it. Not after its message was appended, nor where that was tried and failed:
    /// the message may be there.
    void drop();
}
