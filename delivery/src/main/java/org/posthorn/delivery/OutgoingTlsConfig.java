package org.posthorn.delivery;

import org.posthorn.api.config.Default;
import org.posthorn.api.config.Help;

import java.time.Duration;

/// The `outgoing-tls` block of `posthorn.conf`: what counts of what recipients' domains say and
/// did. What a route asks for stands there. Immutable.
///
/// @param mtaSts whether policies are looked for
/// @param mtaStsPort where they are fetched
/// @param remember how long verified TLS is remembered; zero for not at all
/// @param domains how many domains are kept, of policies and of memories each
public record OutgoingTlsConfig(
        @Help("Look for the MTA-STS policies of recipients' domains (RFC 8461), and obey them.")
                @Default("true")
                boolean mtaSts,
        @Help("Port of the hosts that publish MTA-STS policies.") @Default("443") int mtaStsPort,
        @Help(
                        """
                        How long to remember that a domain had verified TLS: mail for it waits \
                        (4.7.5, 4.7.10) where it no longer has. 0 for not at all.""")
                @Default("30d")
                Duration remember,
        @Help(
                        """
                        Domains whose policies are kept, and domains that are remembered; beyond \
                        that, those go that were not renewed for longest.""")
                @Default("100000")
                int domains) {

    /// What holds where the configuration says nothing.
    public static final OutgoingTlsConfig STANDARD =
            new OutgoingTlsConfig(true, 443, Duration.ofDays(30), 100_000);

    /// Checks the ranges.
    ///
    /// @throws IllegalArgumentException naming the setting, what was expected and what was found
    public OutgoingTlsConfig {
        if (mtaStsPort < 1 || mtaStsPort > 65_535) {
            throw new IllegalArgumentException(
                    "mta-sts-port must be 1 to 65535, and is " + mtaStsPort);
        }
        if (remember.isNegative() || remember.compareTo(Duration.ofDays(3_650)) > 0) {
            throw new IllegalArgumentException("remember must be 0 to 3650d, and is " + remember);
        }
        if (domains < 1 || domains > 10_000_000) {
            throw new IllegalArgumentException("domains must be 1 to 10000000, and is " + domains);
        }
    }
}
