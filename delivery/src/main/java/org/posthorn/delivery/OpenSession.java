package org.posthorn.delivery;

import org.posthorn.smtp.client.ClientSession;

import java.time.Instant;
import java.util.Optional;

/// A session that is ready for mail, with what must be known to use it for other mail as well. One
/// thread at a time has it.
final class OpenSession {
    private final ClientSession session;
    private final Target target;
    private final Terms terms;
    private final Instant since;
    private int messages;
    private int most = Integer.MAX_VALUE;
    private Instant rested;

    /// How it came about.
    ///
    /// @param tls whether TLS was tried
    /// @param login who we said we are
    record Terms(boolean tls, Optional<LoginConfig> login) {}

    OpenSession(ClientSession session, Target target, Terms terms, Instant since) {
        this.session = session;
        this.target = target;
        this.terms = terms;
        this.since = since;
        this.rested = since;
    }

    ClientSession session() {
        return session;
    }

    Target target() {
        return target;
    }

    Terms terms() {
        return terms;
    }

    /// Returns how many messages were sent in it.
    int messages() {
        return messages;
    }

    /// Returns since when nobody uses it.
    Instant rested() {
        return rested;
    }

    /// Bounds how many messages are sent in it.
    void limit(int messagesAtMost) {
        most = Math.min(most, messagesAtMost);
    }

    /// Counts a message.
    void sent() {
        messages++;
    }

    /// Tells whether it may be used for another message.
    boolean hasRoom(SessionsConfig config, Instant now) {
        return session.isOpen()
                && messages < config.messages()
                && messages < most
                && messages < session.capabilities().limit("MAILMAX").orElse(Integer.MAX_VALUE)
                && now.isBefore(since.plus(config.age()));
    }

    /// Nobody uses it from now on.
    void rest(Instant now) {
        rested = now;
    }
}
