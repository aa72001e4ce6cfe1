package org.posthorn.smtp.server;

import org.jspecify.annotations.Nullable;
import org.posthorn.api.smtp.Reply;
import org.posthorn.smtp.rate.ClientPrefixes;
import org.posthorn.smtp.rate.RateCounter;

import java.net.InetAddress;
import java.time.InstantSource;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.random.RandomGenerator;

/// How often the clients of a network do what is limited. Safe for use by many threads.
///
/// What is refused for one network is not counted for those behind it.
final class ClientRates {
    /// 1.3 MiB for each rate that is limited.
    private static final int NETWORKS = 65_536;

    private final ClientLimits limits;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final List<Rate> connections;
    private final List<Rate> messages;
    private final List<Rate> recipients;
    private final List<Rate> handshakes;
    private final List<Rate> authFailures;

    ClientRates(ClientLimits limits, InstantSource clock, RandomGenerator random) {
        this.limits = limits;
        this.clock = clock;
        this.random = random;
        this.connections = rates(NetworkLimits::connectionRate);
        this.messages = rates(NetworkLimits::messageRate);
        this.recipients = rates(NetworkLimits::recipientRate);
        this.handshakes = rates(NetworkLimits::handshakeRate);
        this.authFailures = rates(NetworkLimits::authFailureRate);
    }

    private List<Rate> rates(ToIntFunction<NetworkLimits> limit) {
        return limits.networks().stream()
                .filter(network -> limit.applyAsInt(network) > 0)
                .map(network -> rate(network.prefixes(), limit.applyAsInt(network)))
                .toList();
    }

    private Rate rate(ClientPrefixes prefixes, int limit) {
        return new Rate(
                prefixes, limit, new RateCounter(NETWORKS, limits.ratePeriod(), clock, random));
    }

    /// What the clients of a network may do in a period.
    private record Rate(ClientPrefixes prefixes, int limit, RateCounter counter) {
        boolean isExceededNowBy(InetAddress client) {
            return counter.add(prefixes.of(client)) > limit;
        }

        boolean isReachedBy(InetAddress client) {
            return counter.count(prefixes.of(client)) >= limit;
        }
    }

    /// Counts a connection, and returns the refusal when that was once too often, as those below
    /// do.
    @Nullable Reply connection(InetAddress client) {
        return exceeds(connections, client) ? Replies.CONNECTS_TOO_OFTEN : null;
    }

    @Nullable Reply message(InetAddress client) {
        return exceeds(messages, client) ? Replies.SENDS_TOO_OFTEN : null;
    }

    @Nullable Reply recipient(InetAddress client) {
        return exceeds(recipients, client) ? Replies.ADDRESSES_TOO_OFTEN : null;
    }

    @Nullable Reply handshake(InetAddress client) {
        return exceeds(handshakes, client) ? Replies.SHAKES_HANDS_TOO_OFTEN : null;
    }

    private boolean exceeds(List<Rate> rates, InetAddress client) {
        return applies(rates, client)
                && rates.stream().anyMatch(rate -> rate.isExceededNowBy(client));
    }

    private boolean applies(List<Rate> rates, InetAddress client) {
        return !rates.isEmpty() && !limits.isExempt(client);
    }

    /// Counts a failure to authenticate, for each network.
    void authFailed(InetAddress client) {
        if (applies(authFailures, client)) {
            authFailures.forEach(rate -> rate.counter().add(rate.prefixes().of(client)));
        }
    }

    /// Tells whether a client's network has failed to authenticate as often as it may.
    boolean mayNotAuthenticate(InetAddress client) {
        return applies(authFailures, client)
                && authFailures.stream().anyMatch(rate -> rate.isReachedBy(client));
    }
}
