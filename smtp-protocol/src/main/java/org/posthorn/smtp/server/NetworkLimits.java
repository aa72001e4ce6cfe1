package org.posthorn.smtp.server;

import org.posthorn.api.config.Default;
import org.posthorn.api.config.Help;
import org.posthorn.smtp.rate.ClientPrefixes;

/// One of `smtp.clients.networks`: how large a network is, and what its clients may do together.
/// Immutable.
///
/// @param ipv4Prefix how many bits of an IPv4 address make a network
/// @param ipv6Prefix how many bits of an IPv6 address make a network
/// @param maxConnections sessions at once; 0 for any number, as for all below
/// @param connectionRate connections per period
/// @param messageRate transactions per period
/// @param recipientRate recipients per period, refused ones included
/// @param handshakeRate TLS handshakes per period
/// @param authFailureRate failed authentications per period
public record NetworkLimits(
        @Help("Leading bits of an IPv4 address that make a network here, 1 to 32.") @Default("24")
                int ipv4Prefix,
        @Help("Leading bits of an IPv6 address that make a network here, 1 to 64.") @Default("64")
                int ipv6Prefix,
        @Help("Sessions at once from one network. More are answered 421. 0: any number.")
                @Default("0")
                int maxConnections,
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
                int handshakeRate,
        @Help(
                        """
                        Failed authentications of a network per rate-period; then AUTH is answered \
                        421, and no plugin is asked. 0: as many as the auth block allows.""")
                @Default("0")
                int authFailureRate) {

    /// Checks the bounds.
    ///
    /// @throws IllegalArgumentException when a prefix is too long, or a number negative
    public NetworkLimits {
        new ClientPrefixes(ipv4Prefix, ipv6Prefix);
        notNegative("max-connections", maxConnections);
        notNegative("connection-rate", connectionRate);
        notNegative("message-rate", messageRate);
        notNegative("recipient-rate", recipientRate);
        notNegative("handshake-rate", handshakeRate);
        notNegative("auth-failure-rate", authFailureRate);
    }

    private static void notNegative(String setting, int value) {
        if (value < 0) {
            throw new IllegalArgumentException(setting + " must be 0 or more");
        }
    }

    ClientPrefixes prefixes() {
        return new ClientPrefixes(ipv4Prefix, ipv6Prefix);
    }
}
