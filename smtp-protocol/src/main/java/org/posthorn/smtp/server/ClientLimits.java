package org.posthorn.smtp.server;

import org.posthorn.api.config.Default;
import org.posthorn.api.config.Help;
import org.posthorn.api.net.Network;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;

/// The `smtp.clients` block: what the clients of one network may do to us together. Immutable.
///
/// @param exempt who is not limited
/// @param ratePeriod what the rates are counted over
/// @param networks limits for networks of several sizes, each of which holds
public record ClientLimits(
        @Help("Networks without limits by address or network: one's own.") @Default("[]")
                List<Network> exempt,
        @Help("What the rates of networks are counted over, sliding.") @Default("1m")
                Duration ratePeriod,
        @Help(
                        """
                        Limits for networks, such as IPv6 by /64 and by /48: a client is counted \
                        under each entry, in this order, up to the first that refuses it. So that \
                        nobody suffers for a neighbour, narrow networks come before wide ones.""")
                @Default("[]")
                List<NetworkLimits> networks) {

    /// What an empty block means.
    public static final ClientLimits DEFAULT =
            new ClientLimits(List.of(), Duration.ofMinutes(1), List.of());

    /// Checks the period, and copies the lists.
    ///
    /// @throws IllegalArgumentException when the period is shorter than a second
    public ClientLimits {
        exempt = List.copyOf(exempt);
        networks = List.copyOf(networks);
        if (ratePeriod.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException("rate-period must be at least 1s");
        }
    }

    boolean isExempt(InetAddress client) {
        return exempt.stream().anyMatch(network -> network.contains(client));
    }
}
