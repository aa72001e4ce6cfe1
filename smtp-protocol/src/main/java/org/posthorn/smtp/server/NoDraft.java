package org.posthorn.smtp.server;

import org.posthorn.api.intake.Draft;
import org.posthorn.api.intake.Submission;
import org.posthorn.api.mail.Content;
import org.posthorn.api.mail.MessageId;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// Takes content that a plugin has thrown away before it came.
final class NoDraft implements Draft {
    @Override
    public CompletionStage<Void> write(ByteBuffer octets) {
        octets.position(octets.limit());
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public Content content(ByteBuffer header) {
        throw new IllegalStateException("nothing is kept of a message that is thrown away");
    }

    @Override
    public CompletionStage<MessageId> commit(Submission submission) {
        throw new IllegalStateException("a message that is thrown away is not committed");
    }

    @Override
    public void close() {}
}
