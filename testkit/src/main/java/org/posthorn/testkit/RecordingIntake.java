package org.posthorn.testkit;

import org.posthorn.api.intake.Draft;
import org.posthorn.api.intake.Intake;
import org.posthorn.api.intake.QueueUnavailableException;
import org.posthorn.api.intake.Submission;
import org.posthorn.api.mail.Content;
import org.posthorn.api.mail.MessageId;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/// A queue's entrance that keeps in memory what is committed. Safe for use by many threads.
public final class RecordingIntake implements Intake {
    private final List<Stored> stored = new CopyOnWriteArrayList<>();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicReference<Optional<QueueUnavailableException>> unavailable =
            new AtomicReference<>(Optional.empty());

    /// Makes an entrance that takes everything.
    public RecordingIntake() {}

    /// A committed message.
    ///
    /// @param id its id
    /// @param submission what it was committed with
    /// @param text the whole content, each octet one character
    public record Stored(MessageId id, Submission submission, String text) {}

    /// Returns what was committed, in that order.
    public List<Stored> messages() {
        return List.copyOf(stored);
    }

    /// Returns the message that was committed last.
    ///
    /// @throws IllegalStateException when there is none
    public Stored last() {
        if (stored.isEmpty()) {
            throw new IllegalStateException("no message was committed");
        }
        return stored.getLast();
    }

    /// Returns how many drafts were begun and not closed.
    public int openDrafts() {
        return open.get();
    }

    /// Takes no more, for this reason.
    public void refuse(QueueUnavailableException reason) {
        unavailable.set(Optional.of(reason));
    }

    /// Takes mail again.
    public void recover() {
        unavailable.set(Optional.empty());
    }

    @Override
    public Draft begin(long expectedSize) throws QueueUnavailableException {
        Optional<QueueUnavailableException> reason = unavailable.get();
        if (reason.isPresent()) {
            throw reason.get();
        }
        open.incrementAndGet();
        return new MemoryDraft();
    }

    private final class MemoryDraft implements Draft {
        private final ByteArrayOutputStream written = new ByteArrayOutputStream();
        private boolean closed;

        @Override
        public CompletionStage<Void> write(ByteBuffer octets) {
            requireOpen();
            written.writeBytes(octetsOf(octets));
            octets.position(octets.limit());
            return unavailable
                    .get()
                    .map(CompletableFuture::<Void>failedFuture)
                    .orElseGet(() -> CompletableFuture.completedFuture(null));
        }

        @Override
        public Content content(ByteBuffer header) {
            requireOpen();
            return new MemoryContent(with(header));
        }

        @Override
        public CompletionStage<MessageId> commit(Submission submission) {
            requireOpen();
            Optional<QueueUnavailableException> reason = unavailable.get();
            if (reason.isPresent()) {
                return CompletableFuture.failedFuture(reason.get());
            }
            String text = new String(with(submission.header()), StandardCharsets.ISO_8859_1);
            synchronized (stored) {
                var id = new MessageId("M" + (1_000_000 + stored.size()));
                stored.add(new Stored(id, submission, text));
                return CompletableFuture.completedFuture(id);
            }
        }

        @Override
        public void close() {
            if (!closed) {
                closed = true;
                open.decrementAndGet();
            }
        }

        private void requireOpen() {
            if (closed) {
                throw new IllegalStateException("the draft is closed");
            }
        }

        private byte[] with(ByteBuffer header) {
            var whole = new ByteArrayOutputStream();
            whole.writeBytes(octetsOf(header));
            whole.writeBytes(written.toByteArray());
            return whole.toByteArray();
        }
    }

    private static byte[] octetsOf(ByteBuffer buffer) {
        byte[] octets = new byte[buffer.remaining()];
        buffer.duplicate().get(octets);
        return octets;
    }

    private static final class MemoryContent implements Content {
        private final byte[] octets;

        MemoryContent(byte[] octets) {
            this.octets = octets;
        }

        @Override
        public long size() {
            return octets.length;
        }

        @Override
        public InputStream open() {
            return new ByteArrayInputStream(octets);
        }
    }
}
