package org.posthorn.smtp.server;

import org.jspecify.annotations.Nullable;
import org.posthorn.api.smtp.Reply;
import org.posthorn.smtp.rate.ClientPrefixes;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// How many sessions there are: overall, per address, and per network. Safe for use by many
/// threads.
///
/// It remembers only who is connected, so it is as large as the number of sessions at most.
final class ConnectionCounts {
    /// What one site has at most of IPv6 (RFC 6177).
    private static final ClientPrefixes SITES = new ClientPrefixes(32, 48);

    private final SmtpLimits limits;
    private final ClientPrefixes prefixes;
    private final AtomicInteger all = new AtomicInteger();
    private final Map<InetAddress, Integer> byAddress = new ConcurrentHashMap<>();
    private final Map<Long, Integer> byPrefix = new ConcurrentHashMap<>();
    private final Map<Long, Integer> bySite = new ConcurrentHashMap<>();

    ConnectionCounts(SmtpLimits limits) {
        this.limits = limits;
        this.prefixes = limits.clients().prefixes();
    }

    int all() {
        return all.get();
    }

    /// Counts a session in, unless it would be one too many: then it says so.
    @Nullable Reply enter(InetAddress client) {
        if (all.incrementAndGet() > limits.maxConnections()) {
            all.decrementAndGet();
            return Replies.TOO_MANY_CONNECTIONS;
        }
        Reply refusal = limits.clients().isExempt(client) ? null : fromThere(client);
        if (refusal != null) {
            all.decrementAndGet();
        }
        return refusal;
    }

    private @Nullable Reply fromThere(InetAddress client) {
        if (!count(byAddress, client, limits.maxConnectionsPerAddress())) {
            return Replies.TOO_MANY_FROM_ADDRESS;
        }
        ClientLimits networks = limits.clients();
        if (countsPrefixes()
                && !count(byPrefix, prefixes.of(client), networks.maxConnectionsPerPrefix())) {
            discount(byAddress, client);
            return Replies.TOO_MANY_FROM_NETWORK;
        }
        if (countsSite(client)
                && !count(bySite, SITES.of(client), networks.maxConnectionsPerSite())) {
            discount(byAddress, client);
            if (countsPrefixes()) {
                discount(byPrefix, prefixes.of(client));
            }
            return Replies.TOO_MANY_FROM_SITE;
        }
        return null;
    }

    private boolean countsPrefixes() {
        return limits.clients().maxConnectionsPerPrefix() > 0;
    }

    private boolean countsSite(InetAddress client) {
        return limits.clients().maxConnectionsPerSite() > 0 && client instanceof Inet6Address;
    }

    private static <K> boolean count(Map<K, Integer> counts, K key, int most) {
        boolean room = counts.merge(key, 1, Integer::sum) <= most;
        if (!room) {
            discount(counts, key);
        }
        return room;
    }

    /// Counts a session in that is here already.
    void enterAnyway(InetAddress client) {
        all.incrementAndGet();
        if (!limits.clients().isExempt(client)) {
            byAddress.merge(client, 1, Integer::sum);
            if (countsPrefixes()) {
                byPrefix.merge(prefixes.of(client), 1, Integer::sum);
            }
            if (countsSite(client)) {
                bySite.merge(SITES.of(client), 1, Integer::sum);
            }
        }
    }

    private static <K> void discount(Map<K, Integer> counts, K key) {
        counts.computeIfPresent(key, (_, count) -> count == 1 ? null : count - 1);
    }

    /// Counts a session out.
    void leave(InetAddress client) {
        if (!limits.clients().isExempt(client)) {
            discount(byAddress, client);
            if (countsPrefixes()) {
                discount(byPrefix, prefixes.of(client));
            }
            if (countsSite(client)) {
                discount(bySite, SITES.of(client));
            }
        }
        all.decrementAndGet();
    }
}
