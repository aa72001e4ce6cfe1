package org.posthorn.smtp.server;

import org.posthorn.api.smtp.Reply;

import java.net.InetAddress;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/// Lets connections in and counts them. Safe for use by many threads.
final class Doorkeeper {
    private final ConnectionCounts counts;
    private final AtomicLong lastSession;
    private final LongAdder accepted = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private volatile boolean shut;

    /// @param firstSession where the numbers of sessions begin
    Doorkeeper(SmtpLimits limits, long firstSession) {
        this.counts = new ConnectionCounts(limits);
        this.lastSession = new AtomicLong(firstSession);
    }

    /// Lets a client in, or says why not.
    Optional<Reply> enter(InetAddress client) {
        Optional<Reply> refusal =
                shut
                        ? Optional.of(Replies.STOPPING)
                        : counts.enter(client)
                                ? Optional.empty()
                                : Optional.of(Replies.TOO_MANY_CONNECTIONS);
        (refusal.isPresent() ? refused : accepted).increment();
        return refusal;
    }

    void leave(InetAddress client) {
        counts.leave(client);
    }

    String nextSession() {
        return Long.toString(lastSession.incrementAndGet(), Character.MAX_RADIX);
    }

    /// Lets nobody in any more.
    void shut() {
        shut = true;
    }

    int inside() {
        return counts.all();
    }

    long accepted() {
        return accepted.sum();
    }

    long refused() {
        return refused.sum();
    }
}
