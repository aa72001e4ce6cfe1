package org.posthorn.queue;

import org.jspecify.annotations.Nullable;
import org.posthorn.api.intake.Draft;
import org.posthorn.api.intake.Submission;
import org.posthorn.api.mail.Content;
import org.posthorn.api.mail.MessageId;
import org.posthorn.queue.log.ChunkSink;
import org.posthorn.queue.state.Entry;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// A draft that begins in memory and goes to the log in chunks when it grows, or when all drafts
/// together use too much.
final class BufferedDraft implements Draft {
    /// The largest content that goes into the log in one record with its message.
    static final int WHOLE = 512 << 10;

    private static final int CHUNK = 256 << 10;
    private static final int LARGEST_CHUNK = 1 << 20;
    private static final int FREE = 4 << 10;
    private static final byte[] NOTHING = {};

    private final Commits commits;
    private final DraftMemory memory;
    private byte[] buffer = NOTHING;
    private int length;
    private long taken;
    private @Nullable ChunkSink sink;
    private boolean ended;

    /// What drafts need of the queue.
    interface Commits {
        /// Begins large content.
        ChunkSink openLarge();

        /// Reads what was streamed.
        Content open(ChunkSink sink);

        /// Appends the message, to the partition of what was streamed for it.
        CompletionStage<MessageId> append(Submission submission, Entry.Body body);
    }

    BufferedDraft(Commits commits, DraftMemory memory, long expectedSize) {
        this.commits = commits;
        this.memory = memory;
        if (expectedSize > WHOLE) {
            sink = commits.openLarge();
        }
    }

    @Override
    public CompletionStage<Void> write(ByteBuffer octets) {
        checkOpen();
        if (fits(octets.remaining())) {
            int count = octets.remaining();
            octets.get(buffer, length, count);
            length += count;
            return CompletableFuture.completedStage(null);
        }
        return spill(octets);
    }

    /// Makes room in memory, as far as this draft's bound and the common one allow.
    private boolean fits(int more) {
        long needed = (long) length + more;
        if (needed <= buffer.length) {
            return true;
        }
        int bound = sink == null ? WHOLE : CHUNK;
        if (needed > bound) {
            return false;
        }
        int capacity = sink == null ? grown(needed) : CHUNK;
        long price = (long) capacity - Math.max(buffer.length, FREE);
        if (price > 0 && !memory.take(price)) {
            return false;
        }
        taken += Math.max(0, price);
        buffer = Arrays.copyOf(buffer, capacity);
        return true;
    }

    private int grown(long needed) {
        return (int) Math.min(WHOLE, Math.max(FREE, Math.max(needed, 2L * buffer.length)));
    }

    /// Writes what is in memory to the log, filled up with the octets; what is left of these begins
    /// the next chunk, if there is memory for it. The memory is given back when it is written.
    private CompletionStage<Void> spill(ByteBuffer octets) {
        byte[] head = buffer;
        int room = Math.min(head.length - length, octets.remaining());
        octets.get(head, length, room);
        int filled = length + room;
        long price = taken;
        buffer = NOTHING;
        length = 0;
        taken = 0;
        CompletionStage<Void> written = CompletableFuture.completedStage(null);
        if (filled > 0) {
            byte[] chunk = filled == head.length ? head : Arrays.copyOf(head, filled);
            written = streamed().write(chunk);
        }
        ChunkSink to = streamed();
        if (octets.hasRemaining() && fits(octets.remaining())) {
            int count = octets.remaining();
            octets.get(buffer, 0, count);
            length = count;
        }
        while (octets.hasRemaining()) {
            byte[] chunk = new byte[Math.min(LARGEST_CHUNK, octets.remaining())];
            octets.get(chunk);
            written = written.thenCompose(_ -> to.write(chunk));
        }
        return Failures.direct(written.whenComplete((_, _) -> memory.giveBack(price)));
    }

    private ChunkSink streamed() {
        ChunkSink now = sink == null ? commits.openLarge() : sink;
        sink = now;
        return now;
    }

    @Override
    public Content content(ByteBuffer header) {
        checkOpen();
        byte[] head = new byte[header.remaining()];
        header.duplicate().get(head);
        return new DraftContent(
                head, sink == null ? DraftContent.NONE : commits.open(sink), buffer, length);
    }

    @Override
    public CompletionStage<MessageId> commit(Submission submission) {
        checkOpen();
        ended = true;
        CompletionStage<MessageId> committed =
                sink == null ? commitWhole(submission) : commitStreamed(submission, sink);
        return Failures.direct(committed.whenComplete((_, _) -> giveBackMemory()));
    }

    private CompletionStage<MessageId> commitWhole(Submission submission) {
        ByteBuffer header = submission.header();
        byte[] whole = new byte[header.remaining() + length];
        int headerLength = header.remaining();
        header.get(whole, 0, headerLength);
        System.arraycopy(buffer, 0, whole, headerLength, length);
        buffer = NOTHING;
        return commits.append(submission, new Entry.Body.Whole(whole));
    }

    private CompletionStage<MessageId> commitStreamed(Submission submission, ChunkSink to) {
        ByteBuffer header = submission.header();
        byte[] head = new byte[header.remaining()];
        header.get(head);
        return spill(ByteBuffer.wrap(NOTHING))
                .whenComplete(
                        (_, failure) -> {
                            // Once the message is appended it may be there, even where that failed.
                            if (failure != null) {
                                to.drop();
                            }
                        })
                .thenCompose(
                        _ ->
                                commits.append(
                                        submission, new Entry.Body.Streamed(head, to.written())));
    }

    private void giveBackMemory() {
        memory.giveBack(taken);
        taken = 0;
    }

    private void checkOpen() {
        if (ended) {
            throw new IllegalStateException("the draft was committed or closed");
        }
    }

    @Override
    public void close() {
        if (!ended) {
            ended = true;
            buffer = NOTHING;
            giveBackMemory();
            if (sink != null) {
                sink.drop();
            }
        }
    }
}
