package org.posthorn.smtp.server;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;
import org.posthorn.api.intake.Draft;
import org.posthorn.api.intake.QueueUnavailableException;
import org.posthorn.api.smtp.Reply;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/// Content on its way into a draft: the header section held, the body passed on where it lies.
///
/// Whatever is wrong with the content, or with the store, it is read to its end, so that nothing of
/// it is ever taken for a command; from then on nothing of it is kept. Confined to the session's
/// event loop.
final class Reception implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Reception.class);

    private final Draft draft;
    private final MessageLimits limits;
    private final ContentDecoder decoder;
    private final HeaderSection header = new HeaderSection();
    private long body;
    private boolean complete;
    private @Nullable Reply fault;
    private CompletableFuture<Void> written = CompletableFuture.completedFuture(null);

    /// How far a reading got.
    enum Progress {
        /// More octets are needed.
        MORE,
        /// The draft takes nothing now: go on when [#written] is done.
        FULL,
        /// The content is complete.
        COMPLETE
    }

    Reception(Draft draft, MessageLimits limits) {
        this.draft = draft;
        this.limits = limits;
        this.decoder = new ContentDecoder(limits.maxLineLength());
    }

    /// Reads what it can from a buffer.
    Progress read(ByteBuf in) {
        while (true) {
            if (!written.isDone()) {
                return Progress.FULL;
            }
            switch (decoder.next(in, header.open())) {
                case NOTHING -> {
                    return Progress.MORE;
                }
                case END -> {
                    return finish();
                }
                case OCTETS -> take(in, decoder.start(), decoder.end() - decoder.start());
            }
        }
    }

    /// Returns what to wait for before going on. It never fails.
    CompletableFuture<?> written() {
        return written.handle((_, _) -> true);
    }

    /// Returns why the message cannot be taken, or nothing when it can.
    @Nullable Reply fault() {
        return fault;
    }

    /// Tells whether the end of the content was seen.
    boolean complete() {
        return complete;
    }

    Draft draft() {
        return draft;
    }

    HeaderSection header() {
        return header;
    }

    /// Returns the octets of the body.
    long bodySize() {
        return body;
    }

    /// Drops the draft, unless it was committed.
    @Override
    public void close() {
        draft.close();
    }

    private void take(ByteBuf in, int start, int count) {
        if (fault != null || failed()) {
            return;
        }
        if (header.open()) {
            header.append(in, start, count);
            if (decoder.lineEnded() && header.endLine()) {
                write(header.bodyStart());
            }
        } else {
            write(in.nioBuffer(start, count));
        }
        check();
    }

    private void write(ByteBuffer octets) {
        body += octets.remaining();
        if (body <= limits.maxSize().bytes()) {
            written = draft.write(octets).toCompletableFuture();
        }
    }

    private void check() {
        if (body + header.length() > limits.maxSize().bytes()) {
            refuse(Replies.TOO_BIG);
        } else if (header.open() && header.length() > limits.maxHeaderSize().bytes()) {
            refuse(Replies.HEADER_TOO_BIG);
        } else if (decoder.bareBreak()) {
            refuse(Replies.CONTENT_BARE_BREAK);
        } else if (decoder.longLine()) {
            refuse(Replies.CONTENT_LINE_TOO_LONG);
        }
    }

    private Progress finish() {
        complete = true;
        if (fault == null && !failed()) {
            check();
        }
        return Progress.COMPLETE;
    }

    private boolean failed() {
        if (!written.isCompletedExceptionally()) {
            return false;
        }
        Throwable failure = written.exceptionNow();
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        LOG.warn("content cannot be written: {}", String.valueOf(cause));
        refuse(
                cause instanceof QueueUnavailableException unavailable
                        ? unavailable.reply()
                        : Replies.LOCAL_ERROR);
        return true;
    }

    private void refuse(Reply reply) {
        fault = reply;
        draft.close();
    }
}
