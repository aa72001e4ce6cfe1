package org.posthorn.api.dns;

/// The types of records that can be asked for.
public enum RecordType {
    /// IPv4 addresses (RFC 1035).
    A,
    /// IPv6 addresses (RFC 3596).
    AAAA,
    /// Mail exchangers (RFC 1035, RFC 5321 §5).
    MX,
    /// Names of addresses (RFC 1035); ask for the reversed name under `in-addr.arpa` or `ip6.arpa`.
    PTR,
    /// Text (RFC 1035).
    TXT,
    /// The alias itself (RFC 1035), which every other question follows.
    CNAME,
    /// Certificates of a service (RFC 6698); ask for `_port._tcp.host`.
    TLSA
}
