package org.posthorn.smtp.server;

import org.posthorn.api.config.Default;
import org.posthorn.api.config.Help;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/// The `auth` block: how clients may show who they are (RFC 4954). Immutable.
///
/// @param mechanisms what may be offered, in upper case, in this order
/// @param withoutTls whether clients on this machine need no TLS
/// @param failureDelay how long the reply to a failure waits, times the failures before it
/// @param maxFailures failures of one session
/// @param maxFailuresPerNetwork failures of one network in the window
/// @param maxFailuresPerAccount failures for one account in the window
/// @param window over which failures are counted
/// @param ipv4Prefix leading bits of an IPv4 address that make a network
/// @param ipv6Prefix leading bits of an IPv6 address that make a network
/// @param senderCheck what a submission must be from
public record AuthConfig(
        @Help(
                        """
                        SASL mechanisms that may be offered, in this order: of these, clients are \
                        offered what the plugins' credentials can serve. SCRAM-SHA-1 is not among \
                        them unless it is named.""")
                @Default(
                        "[SCRAM-SHA-256-PLUS, SCRAM-SHA-256, PLAIN, LOGIN, OAUTHBEARER, XOAUTH2,"
                                + " EXTERNAL]")
                List<String> mechanisms,
        @Help(
                        """
                        Whether clients that connect from this machine to a loopback address may \
                        authenticate without TLS. All others never may.""")
                @Default("true")
                boolean withoutTls,
        @Help(
                        """
                        How long the reply to a failure waits, times the failures from the same \
                        network before it, ten at most; 0s for not at all.""")
                @Default("1s")
                Duration failureDelay,
        @Help("Failures in one session, after which it ends with 421.") @Default("5")
                int maxFailures,
        @Help(
                        """
                        Failures from one network within the window; beyond that, AUTH is answered \
                        421, and no plugin is asked.""")
                @Default("50")
                int maxFailuresPerNetwork,
        @Help(
                        """
                        Failures for one account within the window; beyond that, AUTH for it is \
                        answered 454, and no plugin is asked.""")
                @Default("100")
                int maxFailuresPerAccount,
        @Help("The time over which failures are counted.") @Default("10m") Duration window,
        @Help("Leading bits of an IPv4 address that make a network: 1 to 32.") @Default("32")
                int ipv4Prefix,
        @Help("Leading bits of an IPv6 address that make a network: 1 to 64.") @Default("64")
                int ipv6Prefix,
        @Help(
                        """
                        What must be an address of the account in a submission: envelope is the \
                        sender of MAIL, header also From and Sender, none is neither.""")
                @Default("envelope")
                SenderCheck senderCheck) {
    private static final Pattern NAME = Pattern.compile("[A-Z0-9_-]{1,20}");

    /// What an empty block means.
    public static final AuthConfig DEFAULT =
            new AuthConfig(
                    List.of(
                            "SCRAM-SHA-256-PLUS",
                            "SCRAM-SHA-256",
                            "PLAIN",
                            "LOGIN",
                            "OAUTHBEARER",
                            "XOAUTH2",
                            "EXTERNAL"),
                    true,
                    Duration.ofSeconds(1),
                    5,
                    50,
                    100,
                    Duration.ofMinutes(10),
                    32,
                    64,
                    SenderCheck.ENVELOPE);

    /// Checks the bounds, and folds the mechanisms to upper case.
    ///
    /// @throws IllegalArgumentException when a mechanism cannot be one (RFC 4422 §3.1), or a number
    ///     is out of its bounds
    public AuthConfig {
        mechanisms = mechanisms.stream().map(it -> it.toUpperCase(Locale.ROOT)).toList();
        mechanisms.forEach(AuthConfig::requireName);
        atLeastOne("max-failures", maxFailures);
        atLeastOne("max-failures-per-network", maxFailuresPerNetwork);
        atLeastOne("max-failures-per-account", maxFailuresPerAccount);
        within("ipv4-prefix", ipv4Prefix, 32);
        within("ipv6-prefix", ipv6Prefix, 64);
        if (failureDelay.isNegative() || failureDelay.compareTo(Duration.ofSeconds(30)) > 0) {
            throw new IllegalArgumentException("failure-delay must be 0s to 30s");
        }
        if (window.toSeconds() < 1) {
            throw new IllegalArgumentException("window must be at least 1s");
        }
    }

    private static void requireName(String mechanism) {
        if (!NAME.matcher(mechanism).matches()) {
            throw new IllegalArgumentException(
                    "mechanisms: '"
                            + mechanism
                            + "' is no SASL mechanism: letters, digits, - and _, at most 20");
        }
    }

    private static void atLeastOne(String setting, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(setting + " must be at least 1");
        }
    }

    private static void within(String setting, int bits, int most) {
        if (bits < 1 || bits > most) {
            throw new IllegalArgumentException(setting + " must be 1 to " + most);
        }
    }

    /// What a submission must be from (RFC 6409 §6.1).
    public enum SenderCheck {
        /// Anybody.
        NONE,
        /// An address of the account, in `MAIL`.
        ENVELOPE,
        /// Addresses of the account, in `MAIL` and in the header section.
        HEADER
    }
}
