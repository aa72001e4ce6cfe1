package org.posthorn.smtp.server;

import java.net.InetAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// How many sessions there are, overall and per address. Safe for use by many threads.
final class ConnectionCounts {
    private final SmtpLimits limits;
    private final AtomicInteger all = new AtomicInteger();
    private final Map<InetAddress, Integer> byAddress = new ConcurrentHashMap<>();

    ConnectionCounts(SmtpLimits limits) {
        this.limits = limits;
    }

    int all() {
        return all.get();
    }

    /// Counts a session in, unless it would be one too many.
    boolean enter(InetAddress client) {
        if (all.incrementAndGet() > limits.maxConnections()) {
            all.decrementAndGet();
            return false;
        }
        if (byAddress.merge(client, 1, Integer::sum) > limits.maxConnectionsPerAddress()) {
            leave(client);
            return false;
        }
        return true;
    }

    /// Counts a session out.
    void leave(InetAddress client) {
        byAddress.computeIfPresent(client, (_, count) -> count == 1 ? null : count - 1);
        all.decrementAndGet();
    }
}
