package org.posthorn.smtp.server;

import org.jspecify.annotations.Nullable;
import org.posthorn.api.auth.Exchange;
import org.posthorn.api.auth.Identity;
import org.posthorn.smtp.server.sasl.Inquiry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.concurrent.CompletableFuture;

/// An exchange that an `AUTH` has begun. Confined to the session's event loop.
final class AuthDialogue {
    private static final Logger LOG = LoggerFactory.getLogger(AuthDialogue.class);
    private static final CompletableFuture<Boolean> DONE = CompletableFuture.completedFuture(true);

    private final String mechanism;
    private final Inquiry inquiry;
    private CompletableFuture<?> running = DONE;
    private @Nullable Exchange exchange;
    private @Nullable Identity proved;

    AuthDialogue(String mechanism, Inquiry inquiry) {
        this.mechanism = mechanism;
        this.inquiry = inquiry;
    }

    String mechanism() {
        return mechanism;
    }

    Inquiry inquiry() {
        return inquiry;
    }

    /// Returns the mechanism's part, begun when it is first asked for: by one thread at a time.
    Exchange exchange() {
        Exchange begun = exchange;
        if (begun == null) {
            begun = inquiry.begin(mechanism);
            exchange = begun;
        }
        return begun;
    }

    /// Returns who the client has proved to be, when only its nod to our own proof is missing.
    @Nullable Identity proved() {
        return proved;
    }

    void prove(Identity identity) {
        proved = identity;
    }

    /// Notes that the exchange is at work until a result is there.
    void running(CompletableFuture<?> end) {
        running = end;
    }

    /// Ends the exchange, once it is not at work any more, and without waiting for that.
    void close() {
        running.whenComplete(
                (_, _) -> {
                    Exchange open = exchange;
                    if (open != null) {
                        exchange = null;
                        Thread.ofVirtual().name("posthorn-credentials").start(() -> end(open));
                    }
                });
    }

    /// What a source cannot end is nothing to the client any more.
    private void end(Exchange open) {
        try {
            open.close();
        } catch (RuntimeException e) {
            LOG.debug("an exchange of {} could not be ended", mechanism, e);
        }
    }
}
