package org.posthorn.smtp.server;

import org.jspecify.annotations.Nullable;
import org.posthorn.api.smtp.Reply;

import java.net.InetAddress;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/// Lets connections in and counts them. Safe for use by many threads.
final class Doorkeeper {
    private final ConnectionCounts counts;
    private final ClientRates rates;
    private final AtomicLong lastSession;
    private final LongAdder accepted = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private volatile boolean shut;

    /// @param firstSession where the numbers of sessions begin
    Doorkeeper(SmtpLimits limits, ClientRates rates, long firstSession) {
        this.counts = new ConnectionCounts(limits);
        this.rates = rates;
        this.lastSession = new AtomicLong(firstSession);
    }

    /// Lets a client in, or says why not.
    ///
    /// @param secure whether a TLS handshake comes first
    @Nullable Reply enter(InetAddress client, boolean secure) {
        Reply refusal = refusal(client, secure);
        (refusal == null ? accepted : refused).increment();
        return refusal;
    }

    private @Nullable Reply refusal(InetAddress client, boolean secure) {
        if (shut) {
            return Replies.STOPPING;
        }
        Reply rate = rates.connection(client);
        if (rate == null && secure) {
            rate = rates.handshake(client);
        }
        return rate == null ? counts.enter(client) : rate;
    }

    /// Counts a session as that of another client, unless it says why it cannot be one.
    @Nullable Reply exchange(InetAddress former, InetAddress client) {
        counts.leave(former);
        Reply refusal = counts.enter(client);
        if (refusal != null) {
            counts.enterAnyway(former);
        }
        return refusal;
    }

    void leave(InetAddress client) {
        counts.leave(client);
    }

    /// Returns what is counted over time.
    ClientRates rates() {
        return rates;
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
