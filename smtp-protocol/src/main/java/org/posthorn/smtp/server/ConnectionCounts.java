package org.posthorn.smtp.server;

import org.jspecify.annotations.Nullable;
import org.posthorn.api.smtp.Reply;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/// How many sessions there are: overall, per address, and per network. Safe for use by many
/// threads.
///
/// It remembers only who is connected, so it is as large as the number of sessions at most.
final class ConnectionCounts {
    private final SmtpLimits limits;
    private final AtomicInteger all = new AtomicInteger();
    private final List<Tally> tallies = new ArrayList<>();

    ConnectionCounts(SmtpLimits limits) {
        this.limits = limits;
        tallies.add(
                new Tally(
                        client -> client,
                        limits.maxConnectionsPerAddress(),
                        Replies.TOO_MANY_FROM_ADDRESS));
        limits.clients().networks().stream()
                .filter(network -> network.maxConnections() > 0)
                .map(
                        network ->
                                new Tally(
                                        network.prefixes()::of,
                                        network.maxConnections(),
                                        Replies.TOO_MANY_FROM_NETWORK))
                .forEach(tallies::add);
    }

    /// Sessions by what their clients have in common.
    ///
    /// @param common such as the network of an address
    /// @param most how many there may be with the same
    /// @param refusal what one too many is told
    private record Tally(
            Function<InetAddress, Object> common,
            int most,
            Reply refusal,
            Map<Object, Integer> counts) {
        Tally(Function<InetAddress, Object> common, int most, Reply refusal) {
            this(common, most, refusal, new ConcurrentHashMap<>());
        }

        int add(InetAddress client) {
            return counts.merge(common.apply(client), 1, Integer::sum);
        }

        void remove(InetAddress client) {
            counts.computeIfPresent(
                    common.apply(client), (_, count) -> count == 1 ? null : count - 1);
        }
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
        for (int i = 0; i < tallies.size(); i++) {
            Tally tally = tallies.get(i);
            if (tally.add(client) > tally.most()) {
                tallies.subList(0, i + 1).forEach(it -> it.remove(client));
                return tally.refusal();
            }
        }
        return null;
    }

    /// Counts a session in that is here already.
    void enterAnyway(InetAddress client) {
        all.incrementAndGet();
        if (!limits.clients().isExempt(client)) {
            tallies.forEach(tally -> tally.add(client));
        }
    }

    /// Counts a session out.
    void leave(InetAddress client) {
        if (!limits.clients().isExempt(client)) {
            tallies.forEach(tally -> tally.remove(client));
        }
        all.decrementAndGet();
    }
}
