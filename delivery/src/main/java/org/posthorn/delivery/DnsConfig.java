package org.posthorn.delivery;

import org.posthorn.api.config.Default;
import org.posthorn.api.config.Help;

import java.time.Duration;
import java.util.List;

/// The `dns` block of `posthorn.conf`. Immutable.
///
/// @param servers name servers as `address` or `address:port`, asked in this order; none for the
///     system's own
/// @param timeout how long one question to one server may take
/// @param cacheSize how many answers are kept
public record DnsConfig(
        @Help(
                        "Name servers, as 192.0.2.53, 192.0.2.53:5353 or [2001:db8::53]:53. Default: the system's.")
                @Default("[]")
                List<String> servers,
        @Help("How long one name server may take to answer.") @Default("5s") Duration timeout,
        @Help("Answers kept in memory, as long as their time to live allows.") @Default("20000")
                int cacheSize) {

    /// What holds where the configuration says nothing.
    public static final DnsConfig STANDARD =
            new DnsConfig(List.of(), Duration.ofSeconds(5), 20_000);

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
}
