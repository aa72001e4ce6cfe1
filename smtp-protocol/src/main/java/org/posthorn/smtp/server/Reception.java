package org.posthorn.smtp.server;

import static org.posthorn.smtp.server.ListenerConfig.BareLineEnds.NORMALISE;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;
import org.posthorn.api.intake.Draft;
import org.posthorn.api.intake.QueueUnavailableException;
import org.posthorn.api.smtp.Reply;
import org.posthorn.smtp.server.ListenerConfig.BareLineEnds;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/// Content on its way into a draft: the header section held, the body passed on where it lies.
/// Content comes behind `DATA`, or in the chunks of `BDAT`, each begun by [#chunk].
///
/// Whatever is wrong with the content, or with the store, it is read to its end, so that nothing of
/// it is ever taken for a command; from then on nothing of it is kept. Confined to the session's
/// event loop.
final class Reception implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Reception.class);

    private static final CompletableFuture<Void> WRITTEN = CompletableFuture.completedFuture(null);
    private static final byte[] CR = {'\r'};
    private static final byte[] LF = {'\n'};

    private final Draft draft;
    private final MessageLimits limits;
    private final ContentDecoder decoder;
    private final boolean chunked;

    /// Whether any octet may stand anywhere (RFC 3030 §3).
    private final boolean binary;

    private final HeaderSection header = new HeaderSection();
    private long body;

    private long chunkSize;

    /// The octets of the current chunk that are still to come.
    private long left;

    private boolean last;
    private boolean complete;
    private @Nullable Reply fault;
    private CompletableFuture<Void> written = WRITTEN;

    /// How far a reading got.
    enum Progress {
        /// More octets are needed.
        MORE,
        /// The draft takes nothing now: go on when [#written] is done.
        FULL,
        /// The content is complete, or the chunk.
        COMPLETE
    }

    private Reception(
            Draft draft,
            MessageLimits limits,
            ContentDecoder decoder,
            boolean chunked,
            boolean binary) {
        this.draft = draft;
        this.limits = limits;
        this.decoder = decoder;
        this.chunked = chunked;
        this.binary = binary;
    }

    /// Begins to take what follows `DATA`.
    static Reception ofData(Draft draft, MessageLimits limits, BareLineEnds bare) {
        var decoder = ContentDecoder.ofData(limits.maxLineLength(), bare == NORMALISE);
        return new Reception(draft, limits, decoder, false, false);
    }

    /// Begins to take chunks.
    ///
    /// @param binary whether the sender declared octets that need not be lines
    static Reception ofChunks(
            Draft draft, MessageLimits limits, BareLineEnds bare, boolean binary) {
        var decoder = ContentDecoder.ofChunks(limits.maxLineLength(), bare == NORMALISE && !binary);
        return new Reception(draft, limits, decoder, true, binary);
    }

    /// Begins a chunk, when the one before is complete.
    ///
    /// @param size its octets
    /// @param last whether the content ends with it
    void chunk(long size, boolean last) {
        this.chunkSize = size;
        this.left = size;
        this.last = last;
        if (fault == null && body + header.length() + size > limits.maxSize().bytes()) {
            refuse(Replies.TOO_BIG);
        }
    }

    boolean chunked() {
        return chunked;
    }

    /// Returns the octets of the current chunk, or of the one before when none is being read.
    long chunkSize() {
        return chunkSize;
    }

    /// Reads what it can from a buffer.
    Progress read(ByteBuf in) {
        while (true) {
            if (!written.isDone()) {
                return Progress.FULL;
            }
            if (chunked && left == 0) {
                return endChunk();
            }
            int from = in.readerIndex();
            var found = decoder.next(in, limit(in), header.open());
            left -= chunked ? in.readerIndex() - from : 0;
            switch (found) {
                case NOTHING -> {
                    if (!chunked || left > 0) {
                        return Progress.MORE;
                    }
                }
                case END -> {
                    return finish();
                }
                case MISSING_CR -> fill(CR);
                case MISSING_LF -> fill(LF);
                case OCTETS -> take(in, decoder.start(), decoder.end() - decoder.start());
            }
        }
    }

    private int limit(ByteBuf in) {
        return chunked
                ? (int) Math.min(in.writerIndex(), in.readerIndex() + left)
                : in.writerIndex();
    }

    private Progress endChunk() {
        if (!last) {
            return Progress.COMPLETE;
        }
        if (decoder.finish(header.open()) == ContentDecoder.Found.MISSING_LF) {
            fill(LF);
        }
        if (fault == null && header.end()) {
            write(header.bodyStart());
        }
        return written.isDone() ? finish() : Progress.FULL;
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
            endLine();
        } else {
            write(in.nioBuffer(start, count));
        }
        check();
    }

    /// Puts in an octet that the client should have sent.
    private void fill(byte[] octet) {
        if (fault != null || failed()) {
            return;
        }
        if (header.open()) {
            header.append(octet[0]);
            endLine();
        } else {
            write(ByteBuffer.wrap(octet));
        }
        check();
    }

    private void endLine() {
        if (decoder.lineEnded() && header.endLine()) {
            write(header.bodyStart());
        }
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
        } else if (decoder.bareBreak() && !binary) {
            refuse(Replies.CONTENT_BARE_BREAK);
        } else if (decoder.longLine() && !binary) {
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
