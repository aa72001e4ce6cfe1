package org.posthorn.smtp.server;

import org.posthorn.api.config.Default;
import org.posthorn.api.config.Help;

import java.time.Duration;

/// The `smtp` block: what a client may do to us. Immutable.
///
/// @param maxConnections sessions at once
/// @param maxConnectionsPerAddress sessions at once from one address
/// @param maxCommandLine octets of a command line, with its CRLF
/// @param maxRecipients accepted recipients of one transaction
/// @param maxErrors 5xx replies without an accepted message between them
/// @param commandTimeout how long a client may take for a command
/// @param contentTimeout how long a client may take for the next octets of content
public record SmtpLimits(
        @Help("Sessions at once. More are answered 421.") @Default("20000") int maxConnections,
        @Help("Sessions at once from one IP address. More are answered 421.") @Default("1000")
                int maxConnectionsPerAddress,
        @Help("Longest command line in octets, CRLF included; RFC 5321 asks for 512 or more.")
                @Default("2048")
                int maxCommandLine,
        @Help(
                        "Recipients of one transaction; RFC 5321 asks for 100 or more. More are answered 452.")
                @Default("1000")
                int maxRecipients,
        @Help("5xx replies since the last accepted message, after which a session ends with 421.")
                @Default("20")
                int maxErrors,
        @Help("How long a client may take for a command.") @Default("5m") Duration commandTimeout,
        @Help("How long a client may pause in a message's content.") @Default("5m")
                Duration contentTimeout) {

    /// What an empty block means.
    public static final SmtpLimits DEFAULT =
            new SmtpLimits(
                    20_000, 1000, 2048, 1000, 20, Duration.ofMinutes(5), Duration.ofMinutes(5));

    /// Checks the bounds.
    ///
    /// @throws IllegalArgumentException when a limit is lower than what RFC 5321 §4.5.3.1 asks for,
    ///     or not positive
    public SmtpLimits {
        atLeast("max-connections", maxConnections, 1);
        atLeast("max-connections-per-address", maxConnectionsPerAddress, 1);
        atLeast("max-command-line", maxCommandLine, 512);
        atLeast("max-recipients", maxRecipients, 1);
        atLeast("max-errors", maxErrors, 1);
        positive("command-timeout", commandTimeout);
        positive("content-timeout", contentTimeout);
    }

    private static void atLeast(String setting, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(setting + " must be at least " + least);
        }
    }

    private static void positive(String setting, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(setting + " must be longer than 0");
        }
    }
}
