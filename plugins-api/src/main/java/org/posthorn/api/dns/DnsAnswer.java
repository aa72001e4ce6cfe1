package org.posthorn.api.dns;

import java.util.List;

/// What the DNS says. Immutable.
public sealed interface DnsAnswer {

    /// There are records.
    ///
    /// @param canonicalName where the records stand, behind all CNAMEs; ASCII, lower case, no final
    /// dot
    /// @param records at least one, all of the type asked for
    /// @param authentic whether all of it, the aliases too, was validated by DNSSEC: here, or by a
    /// name server that the configuration trusts for that (the AD bit, RFC 4035 §3.2.3)
    record Found(String canonicalName, List<DnsRecord> records, boolean authentic)
            implements DnsAnswer {
        /// Copies the list.
        public Found {
            records = List.copyOf(records);
        }
    }

    /// The name exists, without records of the type.
    record NoRecords() implements DnsAnswer {}

    /// The name does not exist (NXDOMAIN).
    record NoSuchName() implements DnsAnswer {}

    /// Nobody could say: a time-out, SERVFAIL, a loop of CNAMEs. Asking later may help.
    ///
    /// @param reason what an operator reads, such as `SERVFAIL from 127.0.0.1:53`
    record Failed(String reason) implements DnsAnswer {}
}
