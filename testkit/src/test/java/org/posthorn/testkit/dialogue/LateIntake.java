package org.posthorn.testkit.dialogue;

import org.posthorn.api.intake.Draft;
import org.posthorn.api.intake.Intake;
import org.posthorn.api.intake.QueueUnavailableException;
import org.posthorn.api.intake.Submission;
import org.posthorn.api.mail.Content;
import org.posthorn.api.mail.MessageId;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// An entrance whose writes are done only when a test says so. Confined to the test's thread.
final class LateIntake implements Intake {
    private final Intake intake;
    private final Queue<CompletableFuture<Void>> pending = new ArrayDeque<>();

    LateIntake(Intake intake) {
        this.intake = intake;
    }

    @Override
    public Draft begin(long expectedSize) throws QueueUnavailableException {
        return new LateDraft(intake.begin(expectedSize));
    }

    /// Ends what is being written.
    ///
    /// @return whether there was anything
    boolean write() {
        boolean any = !pending.isEmpty();
        while (!pending.isEmpty()) {
            pending.remove().complete(null);
        }
        return any;
    }

    /// Fails what is being written.
    void fail(QueueUnavailableException reason) {
        while (!pending.isEmpty()) {
            pending.remove().completeExceptionally(reason);
        }
    }

    private final class LateDraft implements Draft {
        private final Draft draft;

        LateDraft(Draft draft) {
            this.draft = draft;
        }

        @Override
        public CompletionStage<Void> write(ByteBuffer octets) {
            CompletableFuture<Void> written = new CompletableFuture<>();
            pending.add(written);
            return draft.write(octets).thenCombine(written, (_, _) -> null);
        }

        @Override
        public Content content(ByteBuffer header) {
            return draft.content(header);
        }

        @Override
        public CompletionStage<MessageId> commit(Submission submission) {
            return draft.commit(submission);
        }

        @Override
        public void close() {
            draft.close();
        }
    }
}
