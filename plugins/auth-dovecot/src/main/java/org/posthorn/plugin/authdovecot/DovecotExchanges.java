package org.posthorn.plugin.authdovecot;

import org.jspecify.annotations.Nullable;
import org.posthorn.api.auth.Exchange;
import org.posthorn.api.auth.Exchanges;
import org.posthorn.api.plugin.Session;
import org.slf4j.Logger;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/// Dovecot as a source of credentials. There is one connection for all exchanges, made anew by the
/// next exchange when it breaks; meanwhile the mechanisms are those that Dovecot had last.
final class DovecotExchanges implements Exchanges {
    /// What is offered until Dovecot has been reached once: every Dovecot can do it.
    private static final Set<String> LIKELY = Set.of("PLAIN");

    private final AuthDovecotSettings settings;
    private final Logger log;
    private final ReentrantLock connecting = new ReentrantLock();
    private volatile Set<String> mechanisms = LIKELY;
    private volatile @Nullable AuthConnection connection;

    DovecotExchanges(AuthDovecotSettings settings, Logger log) {
        this.settings = settings;
        this.log = log;
        try {
            connection();
        } catch (IOException e) {
            log.warn(
                    "no answer from Dovecot at {}: {}; it is asked again when a client authenticates",
                    settings.socket(),
                    e.toString());
        }
    }

    @Override
    public Set<String> mechanisms() {
        return mechanisms;
    }

    @Override
    public Exchange begin(Session session, String mechanism) {
        return new DovecotExchange(this, settings, AuthRequest.of(session, mechanism, settings));
    }

    /// Returns a connection that works, as far as is known.
    ///
    /// @throws IOException when Dovecot cannot be reached
    AuthConnection connection() throws IOException {
        AuthConnection known = connection;
        if (known != null && known.isOpen()) {
            return known;
        }
        connecting.lock();
        try {
            AuthConnection other = connection;
            if (other != null && other.isOpen()) {
                return other;
            }
            AuthConnection made = AuthConnection.open(settings.socket());
            connection = made;
            mechanisms = made.mechanisms();
            log.info("Dovecot at {} serves {}", settings.socket(), mechanisms);
            return made;
        } finally {
            connecting.unlock();
        }
    }

    void close() {
        AuthConnection known = connection;
        if (known != null) {
            known.close();
        }
    }
}
