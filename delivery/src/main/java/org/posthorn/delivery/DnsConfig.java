package org.posthorn.delivery;

import org.posthorn.api.config.Default;
import org.posthorn.api.config.Help;

import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The `dns` block of `posthorn.conf`. Immutable.
///
/// @param servers name servers as `address` or `address:port`, asked in this order; none for the
///     system's own
/// @param timeout how long one question to one server may take
/// @param cacheSize how many answers are kept
/// @param dnssec who validates
/// @param trustAd whether the servers are believed what they say of DNSSEC; where that is not said,
///     those on this machine are
/// @param trustAnchors whom validation begins with; the root zone's keys, where that is not said
public record DnsConfig(
        @Help(
                        "Name servers, as 192.0.2.53, 192.0.2.53:5353 or [2001:db8::53]:53. Default: the system's.")
                @Default("[]")
                List<String> servers,
        @Help("How long one name server may take to answer.") @Default("5s") Duration timeout,
        @Help("Answers kept in memory, as long as their time to live allows.") @Default("20000")
                int cacheSize,
        @Help(
                        """
                        Who validates DNSSEC, which DANE needs: trust relies on the name servers' \
                        AD bit, as trust-ad says; validate does it here, and asks them for the \
                        signatures.""")
                @Default("trust")
                Dnssec dnssec,
        @Help(
                        """
                        Whether the name servers' AD bit counts: say true only where they validate \
                        DNSSEC and nobody can come between. Default: for those on loopback \
                        addresses.""")
                Optional<Boolean> trustAd,
        @Help(
                        """
                        File with DS or DNSKEY records, as in a zone file, where validation \
                        begins. Default: the root zone's keys of 2017 and 2024.""")
                Optional<Path> trustAnchors) {

    /// Who validates DNSSEC.
    public enum Dnssec {
        /// The name servers.
        TRUST,
        /// We do.
        VALIDATE
    }

    /// What holds where the configuration says nothing.
    public static final DnsConfig STANDARD =
            new DnsConfig(List.of(), Duration.ofSeconds(5), 20_000);

    /// Makes one that believes the name servers on this machine.
    ///
    /// @throws IllegalArgumentException as the other constructor
    public DnsConfig(List<String> servers, Duration timeout, int cacheSize) {
        this(servers, timeout, cacheSize, Dnssec.TRUST, Optional.empty(), Optional.empty());
    }

    /// Checks the settings.
    ///
    /// @throws IllegalArgumentException naming the setting, what was expected and what was found
    public DnsConfig {
        servers = List.copyOf(servers);
        servers.forEach(server -> HostPort.address(server, 53));
        if (!timeout.isPositive() || timeout.compareTo(Duration.ofMinutes(1)) > 0) {
            throw new IllegalArgumentException("timeout must be up to a minute, and is " + timeout);
        }
        if (cacheSize < 0) {
            throw new IllegalArgumentException("cache-size must be 0 or more, and is " + cacheSize);
        }
    }

    /// Tells whether a server is believed what it says of DNSSEC.
    boolean trusts(InetAddress server) {
        return dnssec == Dnssec.VALIDATE || trustAd.orElse(server.isLoopbackAddress());
    }
}
