package org.posthorn.smtp.server;

import org.jspecify.annotations.Nullable;
import org.posthorn.api.smtp.Reply;
import org.posthorn.smtp.rate.ClientPrefixes;
import org.posthorn.smtp.rate.RateCounter;

import java.net.InetAddress;
import java.time.InstantSource;
import java.util.random.RandomGenerator;

/// How often the clients of a network do what is limited. Safe for use by many threads.
///
/// Each method counts, and returns the refusal when that was once too often, or nothing.
final class ClientRates {
    /// 1.3 MiB for each rate that is limited.
    private static final int NETWORKS = 65_536;

    private final ClientLimits limits;
    private final ClientPrefixes prefixes;
    private final @Nullable RateCounter connections;
    private final @Nullable RateCounter messages;
    private final @Nullable RateCounter recipients;
    private final @Nullable RateCounter handshakes;

    ClientRates(ClientLimits limits, InstantSource clock, RandomGenerator random) {
        this.limits = limits;
        this.prefixes = limits.prefixes();
        this.connections = counter(limits.connectionRate(), clock, random);
        this.messages = counter(limits.messageRate(), clock, random);
        this.recipients = counter(limits.recipientRate(), clock, random);
        this.handshakes = counter(limits.handshakeRate(), clock, random);
    }

    private @Nullable RateCounter counter(int limit, InstantSource clock, RandomGenerator random) {
        return limit == 0 ? null : new RateCounter(NETWORKS, limits.ratePeriod(), clock, random);
    }

    @Nullable Reply connection(InetAddress client) {
        return exceeds(connections, limits.connectionRate(), client)
                ? Replies.CONNECTS_TOO_OFTEN
                : null;
    }

    @Nullable Reply message(InetAddress client) {
        return exceeds(messages, limits.messageRate(), client) ? Replies.SENDS_TOO_OFTEN : null;
    }

    @Nullable Reply recipient(InetAddress client) {
        return exceeds(recipients, limits.recipientRate(), client)
                ? Replies.ADDRESSES_TOO_OFTEN
                : null;
    }

    @Nullable Reply handshake(InetAddress client) {
        return exceeds(handshakes, limits.handshakeRate(), client)
                ? Replies.SHAKES_HANDS_TOO_OFTEN
                : null;
    }

    private boolean exceeds(@Nullable RateCounter counter, int limit, InetAddress client) {
        return counter != null
                && !limits.isExempt(client)
                && counter.add(prefixes.of(client)) > limit;
    }
}
