package org.posthorn.smtp.server;

import org.posthorn.api.config.Default;
import org.posthorn.api.config.Help;
import org.posthorn.api.net.Network;
import org.posthorn.smtp.rate.ClientPrefixes;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;

/// The `smtp.clients` block: what the clients of one network may do to us together. Immutable.
///
/// @param exempt who is not limited
/// @param ipv4Prefix how many bits of an IPv4 address make a network
/// @param ipv6Prefix how many bits of an IPv6 address make a network
/// @param maxConnectionsPerPrefix sessions at once from one network; 0 for any number
/// @param maxConnectionsPerSite sessions at once from one IPv6 /48; 0 for any number
/// @param ratePeriod what the rates are counted over
/// @param connectionRate connections per period from one network; 0 for any number, as for all
/// below
/// @param messageRate transactions per period
/// @param recipientRate recipients per period, refused ones included
/// @param handshakeRate TLS handshakes per period
public record ClientLimits(
        @Help("Networks without limits by address or network: one's own.") @Default("[]")
                List<Network> exempt,
        @Help("Leading bits of an IPv4 address that make a network here.") @Default("24")
                int ipv4Prefix,
        @Help("Leading bits of an IPv6 address that make a network here, 1 to 64.") @Default("64")
                int ipv6Prefix,
        @Help("Sessions at once from one network. More are answered 421. 0: any number.")
                @Default("0")
                int maxConnectionsPerPrefix,
        @Help("Sessions at once from one IPv6 /48. More are answered 421. 0: any number.")
                @Default("0")
                int maxConnectionsPerSite,
        @Help("What the rates below are counted over, sliding.") @Default("1m") Duration ratePeriod,
        @Help("Connections of a network per rate-period. More are answered 421. 0: any number.")
                @Default("0")
                int connectionRate,
        @Help("Transactions of a network per rate-period. More are answered 450. 0: any number.")
                @Default("0")
                int messageRate,
        @Help(
                        """
                        Recipients of a network per rate-period, refused ones too. More are answered \
                        450. 0: any number.""")
                @Default("0")
                int recipientRate,
        @Help(
                        """
                        TLS handshakes of a network per rate-period. More are answered 454; where TLS \
                        is implicit, the connection is closed. 0: any number.""")
                @Default("0")
                int handshakeRate) {

    /// What an empty block means.
    public static final ClientLimits DEFAULT =
            new ClientLimits(List.of(), 24, 64, 0, 0, Duration.ofMinutes(1), 0, 0, 0, 0);

    /// Checks the bounds, and copies the list.
    ///
    /// @throws IllegalArgumentException when a prefix is too long, a number negative, or the period
    ///     shorter than a second
    public ClientLimits {
        exempt = List.copyOf(exempt);
        new ClientPrefixes(ipv4Prefix, ipv6Prefix);
        notNegative("max-connections-per-prefix", maxConnectionsPerPrefix);
        notNegative("max-connections-per-site", maxConnectionsPerSite);
        if (ratePeriod.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException("rate-period must be at least 1s");
        }
        notNegative("connection-rate", connectionRate);
        notNegative("message-rate", messageRate);
        notNegative("recipient-rate", recipientRate);
        notNegative("handshake-rate", handshakeRate);
    }

    private static void notNegative(String setting, int value) {
        if (value < 0) {
            throw new IllegalArgumentException(setting + " must be 0 or more");
        }
    }

    ClientPrefixes prefixes() {
        return new ClientPrefixes(ipv4Prefix, ipv6Prefix);
    }

    boolean isExempt(InetAddress client) {
        return exempt.stream().anyMatch(network -> network.contains(client));
    }
}
