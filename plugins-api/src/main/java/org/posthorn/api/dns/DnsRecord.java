package org.posthorn.api.dns;

import java.net.InetAddress;

/// One record of an answer. Immutable. Names are in lower case, ASCII, without the final dot; the
/// root is empty text.
public sealed interface DnsRecord {

    /// An IPv4 or IPv6 address.
    ///
    /// @param address the address
    record Address(InetAddress address) implements DnsRecord {}

    /// A mail exchanger.
    ///
    /// @param preference lower is tried first
    /// @param exchange the host; empty text in a null MX (RFC 7505)
    record Mx(int preference, String exchange) implements DnsRecord {}

    /// The name of an address.
    ///
    /// @param name the host
    record Ptr(String name) implements DnsRecord {}

    /// Text, its strings joined, octets as ISO 8859-1 characters.
    ///
    /// @param text the text
    record Txt(String text) implements DnsRecord {}
}
