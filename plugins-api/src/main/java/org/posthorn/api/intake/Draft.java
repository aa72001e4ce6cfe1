package org.posthorn.api.intake;

import org.posthorn.api.mail.Content;
import org.posthorn.api.mail.MessageId;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletionStage;

/// A message being written. It is nobody's responsibility until it is committed; closed without
/// that, it is gone without trace.
///
/// For one thread at a time. Memory is bounded whatever the size: small drafts stay in memory,
/// larger ones go to the store while they are written. No method blocks on the disk, except reading
/// [#content].
public interface Draft extends AutoCloseable {

    /// Appends octets, which are consumed before the call returns.
    ///
    /// @return done when the draft can take more: wait for it before the next call. Failed with
    /// [QueueUnavailableException] when the
    ///     store cannot take it; the draft can then only be closed
    CompletionStage<Void> write(ByteBuffer octets);

    /// Returns what has been written so far, behind a header section that will be put before it.
    /// Valid until [#commit] or [#close].
    Content content(ByteBuffer header);

    /// Makes it a message by one synced write: from the moment that the result is done, we are
    /// responsible.
    ///
    /// @return the new message's id; or failed with [QueueUnavailableException], in which case the
    /// message must be taken as refused
    ///     (4xx). Completed on one of the store's threads: hand over, do not work there
    CompletionStage<MessageId> commit(Submission submission);

    /// Drops the draft, unless it was committed. Never fails.
    @Override
    void close();
}
