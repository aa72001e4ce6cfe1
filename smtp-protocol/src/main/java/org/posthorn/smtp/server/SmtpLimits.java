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
/// @param maxMessages messages of one session; 0 for any number
/// @param maxUnknownCommands unknown commands without an accepted message between them
/// @param pace how slow a client may be
/// @param clients what the clients of a network may do together
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
                Duration contentTimeout,
        @Help("Messages of one session; then MAIL is answered 421. 0: any number.") @Default("0")
                int maxMessages,
        @Help("Unknown commands since the last accepted message; then 421.") @Default("10")
                int maxUnknownCommands,
        @Help("How slow a client may be.") PaceLimits pace,
        @Help("What the clients of one network may do together.") ClientLimits clients) {

    /// What an empty block means.
    public static final SmtpLimits DEFAULT =
            new SmtpLimits(
                    20_000, 1000, 2048, 1000, 20, Duration.ofMinutes(5), Duration.ofMinutes(5));

    /// Makes limits that say no more than this.
    public SmtpLimits(
            int maxConnections,
            int maxConnectionsPerAddress,
            int maxCommandLine,
            int maxRecipients,
            int maxErrors,
            Duration commandTimeout,
            Duration contentTimeout) {
        this(
                maxConnections,
                maxConnectionsPerAddress,
                maxCommandLine,
                maxRecipients,
                maxErrors,
                commandTimeout,
                contentTimeout,
                0,
                10,
                PaceLimits.DEFAULT,
                ClientLimits.DEFAULT);
    }

    /// Returns these limits with others for one session and for networks.
    public SmtpLimits with(
            int messages, int unknownCommands, PaceLimits pace, ClientLimits clients) {
        return new SmtpLimits(
                maxConnections,
                maxConnectionsPerAddress,
                maxCommandLine,
                maxRecipients,
                maxErrors,
                commandTimeout,
                contentTimeout,
                messages,
                unknownCommands,
                pace,
                clients);
    }

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
        atLeast("max-messages", maxMessages, 0);
        atLeast("max-unknown-commands", maxUnknownCommands, 1);
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
