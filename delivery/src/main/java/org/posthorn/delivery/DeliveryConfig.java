package org.posthorn.delivery;

import org.posthorn.api.config.Default;
import org.posthorn.api.config.Help;
import org.posthorn.smtp.client.BareLineEnds;
import org.posthorn.smtp.client.ClientTimeouts;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The `delivery` block of `posthorn.conf`. How often and how long mail is tried stands in the
/// `queue` block. Immutable.
///
/// @param mxPort the port of mail exchangers
/// @param hosts how many addresses are tried in one attempt
/// @param recipients how many recipients go into one transaction
/// @param sessions how many sessions there are, and how long they are kept
/// @param providers limits by the hosts of providers
/// @param shaping further limits
/// @param timeouts how long servers may take
/// @param bareLineEnds what becomes of content with bare line ends
/// @param trustedCertificates the authorities that `tls = verify` trusts
/// @param pipeTimeout how long a program may take for one recipient
public record DeliveryConfig(
        @Help("Port of mail exchangers found in the DNS.") @Default("25") int mxPort,
        @Help("Addresses tried in one attempt, before the mail waits for the next.") @Default("5")
                int hosts,
        @Help("Recipients in one transaction; more are sent in several.") @Default("100")
                int recipients,
        @Help("Sessions with other servers, which are kept for further mail.") @Default("{}")
                SessionsConfig sessions,
        @Help("Limits for providers of mailboxes, by their hosts: etc/providers.conf has some.")
                @Default("{}")
                Map<String, ShapingConfig> providers,
        @Help("Further limits. All that are for a message count.") @Default("[]")
                List<ShapingConfig> shaping,
        @Help("How long a server may take for each step (RFC 5321 section 4.5.3.2).") @Default("{}")
                ClientTimeouts timeouts,
        @Help(
                        "Content with a CR or LF that does not belong to a CRLF: reject returns it to its sender (5.6.0), normalise makes each a CRLF, which breaks signatures.")
                @Default("reject")
                BareLineEnds bareLineEnds,
        @Help(
                        "PEM file with the authorities that tls = verify trusts; without it, those of the Java runtime.")
                Optional<Path> trustedCertificates,
        @Help("How long a program of a route may take for one recipient; then it is killed.")
                @Default("1000s")
                Duration pipeTimeout) {

    /// What holds where the configuration says nothing.
    public static final DeliveryConfig STANDARD =
            new DeliveryConfig(
                    25,
                    5,
                    100,
                    SessionsConfig.STANDARD,
                    Map.of(),
                    List.of(),
                    ClientTimeouts.STANDARD,
                    BareLineEnds.REJECT,
                    Optional.empty(),
                    Duration.ofSeconds(1000));

    /// Checks the ranges.
    ///
    /// @throws IllegalArgumentException naming the setting, what was expected and what was found
    public DeliveryConfig {
        providers = Collections.unmodifiableMap(new LinkedHashMap<>(providers));
        shaping = List.copyOf(shaping);
        within("mx-port", mxPort, 65_535);
        within("hosts", hosts, 100);
        within("recipients", recipients, 10_000);
        if (!pipeTimeout.isPositive()) {
            throw new IllegalArgumentException(
                    "pipe-timeout must be more than 0, and is " + pipeTimeout);
        }
    }

    /// Makes one without limits of shaping.
    ///
    /// @throws IllegalArgumentException as the other constructor
    public DeliveryConfig(
            int mxPort,
            int hosts,
            int recipients,
            SessionsConfig sessions,
            ClientTimeouts timeouts,
            BareLineEnds bareLineEnds,
            Optional<Path> trustedCertificates,
            Duration pipeTimeout) {
        this(
                mxPort,
                hosts,
                recipients,
                sessions,
                Map.of(),
                List.of(),
                timeouts,
                bareLineEnds,
                trustedCertificates,
                pipeTimeout);
    }

    private static void within(String setting, int value, int most) {
        if (value < 1 || value > most) {
            throw new IllegalArgumentException(
                    setting + " must be 1 to " + most + ", and is " + value);
        }
    }
}
