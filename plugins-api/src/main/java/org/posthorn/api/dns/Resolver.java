package org.posthorn.api.dns;

/// Asks the DNS. Answers come from a cache where their time to live allows.
///
/// Safe for use by many threads. Calls block, within a time-out that the server's configuration
/// sets: call it on a virtual thread.
public interface Resolver {

    /// Looks a name up, following CNAME records.
    ///
    /// @param name a domain name in its ASCII form, absolute with or without the final dot; no
    /// search list is applied
    /// @param type what is asked for
    /// @return what is known; a server that fails or does not answer is [DnsAnswer.Failed], not an
    /// exception
    /// @throws InterruptedException when the thread is interrupted while it waits
    DnsAnswer lookup(String name, RecordType type) throws InterruptedException;

    /// Tells whether any answer can be one that DNSSEC vouches for. Where nobody validates who is
    /// trusted, none is.
    default boolean vouches() {
        return true;
    }
}
