package org.posthorn.delivery;

import org.posthorn.api.intake.Draft;
import org.posthorn.api.intake.Intake;
import org.posthorn.api.intake.QueueUnavailableException;
import org.posthorn.api.intake.Submission;
import org.posthorn.api.mail.Content;
import org.posthorn.api.mail.MessageId;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletionStage;

/// The way into the queue for a server with routes to `hold`: what only such routes match is held
/// from its commit on, by the one write that makes it a message. Without this it would be taken,
/// and settled as held by a second one.
///
/// Safe for use by many threads.
public final class HoldingIntake implements Intake {
    private final Intake queue;
    private final Routes routes;

    /// Makes one.
    ///
    /// @param queue what keeps the mail
    /// @param routes the table that its mail will go by
    public HoldingIntake(Intake queue, Routes routes) {
        this.queue = queue;
        this.routes = routes;
    }

    @Override
    public Draft begin(long expectedSize) throws QueueUnavailableException {
        return new Held(queue.begin(expectedSize), routes);
    }

    private record Held(Draft draft, Routes routes) implements Draft {
        @Override
        public CompletionStage<Void> write(ByteBuffer octets) {
            return draft.write(octets);
        }

        @Override
        public Content content(ByteBuffer header) {
            return draft.content(header);
        }

        @Override
        public CompletionStage<MessageId> commit(Submission submission) {
            return draft.commit(
                    submission.hold().isEmpty()
                                    && routes.hold(submission.envelope(), submission.metadata())
                            ? held(submission)
                            : submission);
        }

        private static Submission held(Submission submission) {
            String domain =
                    submission.envelope().recipients().getFirst().mailbox().domain().toString();
            return submission.held("route of " + domain);
        }

        @Override
        public void close() {
            draft.close();
        }
    }
}
