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

    /// An alias.
    ///
    /// @param target the name that it stands for
    record Cname(String target) implements DnsRecord {}

    /// What a certificate of a service must match (RFC 6698 §2.1). The numbers are as they came.
    ///
    /// @param usage how the certificate is to be found and judged
    /// @param selector which part of it is compared
    /// @param matchingType how it is compared
    /// @param association what it is compared with, in lower case hexadecimal digits
    record Tlsa(int usage, int selector, int matchingType, String association)
            implements DnsRecord {}
}
