package org.posthorn.delivery;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/// The sessions with a site that nobody uses just now. The one used last is used first, so that
/// those that are too many grow old.
///
/// Not safe for use by many threads: the site's lock guards it.
final class IdleSessions {
    private final SessionsConfig config;
    private final AtomicInteger everywhere;
    private final Deque<OpenSession> sessions = new ArrayDeque<>(1);

    /// @param everywhere how many there are of all sites together
    IdleSessions(SessionsConfig config, AtomicInteger everywhere) {
        this.config = config;
        this.everywhere = everywhere;
    }

    int size() {
        return sessions.size();
    }

    /// Keeps a session, or leaves it where there are too many already.
    void keep(OpenSession session, Instant now) {
        if (config.idle().isZero() || everywhere.get() >= config.mostIdle()) {
            session.session().quit();
        } else {
            session.rest(now);
            sessions.addFirst(session);
            everywhere.incrementAndGet();
        }
    }

    /// Takes one that is good for a shipment.
    Optional<OpenSession> take(Shipment shipment, Instant now) {
        for (Iterator<OpenSession> all = sessions.iterator(); all.hasNext(); ) {
            OpenSession session = all.next();
            if (!session.hasRoom(config, now)) {
                remove(all);
                session.session().quit();
            } else if (Sessions.suits(session, shipment, now)) {
                remove(all);
                session.session().doubt();
                return Optional.of(session);
            }
        }
        return Optional.empty();
    }

    private void remove(Iterator<OpenSession> at) {
        at.remove();
        everywhere.decrementAndGet();
    }

    /// Leaves those that were unused for too long.
    void expire(Instant now) {
        while (!sessions.isEmpty() && !expiry().isAfter(now)) {
            leaveOldest();
        }
    }

    /// Returns when the first will have been unused for too long; there must be one.
    Instant expiry() {
        return sessions.getLast().rested().plus(config.idle());
    }

    /// Leaves the one that was unused for the longest time; there must be one.
    void leaveOldest() {
        sessions.removeLast().session().quit();
        everywhere.decrementAndGet();
    }

    /// Leaves all.
    ///
    /// @return how many
    int leaveAll() {
        int count = sessions.size();
        while (!sessions.isEmpty()) {
            leaveOldest();
        }
        return count;
    }
}
