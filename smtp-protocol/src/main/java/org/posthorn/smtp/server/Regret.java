package org.posthorn.smtp.server;

import org.posthorn.api.intake.QueueUnavailableException;
import org.posthorn.api.smtp.Reply;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.concurrent.CompletionException;

/// What a client is told when something goes wrong on our side: it may try again (4xx).
final class Regret {
    private static final Logger LOG = LoggerFactory.getLogger(Regret.class);

    private Regret() {}

    /// Tells the operator what failed, and returns what to tell the client.
    ///
    /// @param session the session's name
    static Reply over(Throwable failure, String session) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure;
        if (cause instanceof QueueUnavailableException unavailable) {
            LOG.warn("no message can be taken: {}", unavailable.getMessage());
            return unavailable.reply();
        }
        LOG.error("session {} failed", session, cause);
        return Replies.LOCAL_ERROR;
    }
}
