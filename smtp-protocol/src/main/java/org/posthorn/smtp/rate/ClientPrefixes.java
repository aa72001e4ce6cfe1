package org.posthorn.smtp.rate;

import java.net.InetAddress;
import java.nio.ByteBuffer;

/// How much of an address stands for one client: whoever has one address often has its neighbours,
/// and an IPv6 client has a whole /64 (RFC 6177). Immutable.
///
/// @param ipv4 leading bits of an IPv4 address, 1 to 32
/// @param ipv6 leading bits of an IPv6 address, 1 to 64
public record ClientPrefixes(int ipv4, int ipv6) {
    /// No IPv6 client has an address of `ffff::/16`.
    private static final long IPV4 = 0xffff_ffff_0000_0000L;

    /// Checks the bounds.
    ///
    /// @throws IllegalArgumentException when a prefix is too long, or not positive
    public ClientPrefixes {
        within("ipv4-prefix", ipv4, 32);
        within("ipv6-prefix", ipv6, 64);
    }

    private static void within(String setting, int bits, int most) {
        if (bits < 1 || bits > most) {
            throw new IllegalArgumentException(setting + " must be 1 to " + most + ", not " + bits);
        }
    }

    /// Returns what all clients of a prefix have in common, and no others: a key for
    /// [RateCounter].
    public long of(InetAddress client) {
        ByteBuffer octets = ByteBuffer.wrap(client.getAddress());
        return octets.remaining() == Integer.BYTES
                ? IPV4 | octets.getInt() & 0xffff_ffffL & -1L << Integer.SIZE - ipv4
                : octets.getLong() & -1L << Long.SIZE - ipv6;
    }
}
