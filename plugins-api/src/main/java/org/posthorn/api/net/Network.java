package org.posthorn.api.net;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/// A network of addresses, such as `192.0.2.0/24` or `2001:db8::/32`, or one address (RFC 4632, RFC
/// 4291 §2.3). Immutable.
///
/// @param address the network's address; bits beyond the prefix are ignored
/// @param prefix how many leading bits count
public record Network(InetAddress address, int prefix) {
    private static final Pattern ADDRESS = Pattern.compile("[0-9A-Fa-f:.]+");

    /// Checks the prefix.
    ///
    /// @throws IllegalArgumentException when the prefix is longer than the address
    public Network {
        if (prefix < 0 || prefix > address.getAddress().length * 8) {
            throw new IllegalArgumentException(
                    "a prefix is 0 to 32 for IPv4 and 0 to 128 for IPv6, not " + prefix);
        }
    }

    /// Reads `address/prefix`, or an address alone.
    ///
    /// @throws IllegalArgumentException when it is neither; host names are not looked up
    public static Network parse(String text) {
        int slash = text.indexOf('/');
        String host = slash < 0 ? text : text.substring(0, slash);
        if (!ADDRESS.matcher(host).matches() || !host.contains(".") && !host.contains(":")) {
            throw new IllegalArgumentException(
                    "'" + text + "' is not a network such as 192.0.2.0/24 or 2001:db8::/32");
        }
        try {
            InetAddress address = InetAddress.getByName(host);
            return new Network(
                    address,
                    slash < 0
                            ? address.getAddress().length * 8
                            : Integer.parseInt(text.substring(slash + 1)));
        } catch (UnknownHostException | NumberFormatException e) {
            throw new IllegalArgumentException(
                    "'" + text + "' is not a network such as 192.0.2.0/24 or 2001:db8::/32", e);
        }
    }

    /// Tells whether an address lies in this network. An IPv4 address never lies in an IPv6
    /// network, nor the reverse.
    public boolean contains(InetAddress other) {
        byte[] ours = address.getAddress();
        byte[] theirs = other.getAddress();
        if (ours.length != theirs.length) {
            return false;
        }
        for (int bit = 0; bit < prefix; bit += 8) {
            int mask = prefix - bit >= 8 ? 0xff : 0xff << 8 - (prefix - bit);
            if (((ours[bit / 8] ^ theirs[bit / 8]) & mask) != 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return address.getHostAddress() + "/" + prefix;
    }
}
