package org.posthorn.smtp.server;

import org.posthorn.api.config.ByteSize;
import org.posthorn.api.config.Default;
import org.posthorn.api.config.Help;

import java.time.Duration;

/// The `smtp.pace` block: how slow a client may be, besides the time for one command. Immutable.
///
/// @param greetingDelay how long the greeting waits, for those who cannot
/// @param handshakeTimeout how long a TLS handshake may take
/// @param messageTimeout how long the content of one message may take
/// @param minRate octets a second that content comes with at least
/// @param sessionTimeout how long a session may go on without a message
public record PaceLimits(
        @Help(
                        """
                        How long the greeting waits, at most 1m: whoever speaks before it is no mail \
                        server, and plugins are told.""")
                @Default("0s")
                Duration greetingDelay,
        @Help("How long a TLS handshake may take; then the connection is closed.") @Default("30s")
                Duration handshakeTimeout,
        @Help("How long the content of one message may take, all in all. Then 421.") @Default("1h")
                Duration messageTimeout,
        @Help(
                        """
                        Octets a second that content must come with at least, over each content-timeout. \
                        Less is answered 421. 0: any.""")
                @Default("50")
                ByteSize minRate,
        @Help("How long a session may go on without a message. Then 421.") @Default("1h")
                Duration sessionTimeout) {

    /// What an empty block means.
    public static final PaceLimits DEFAULT =
            new PaceLimits(
                    Duration.ZERO,
                    Duration.ofSeconds(30),
                    Duration.ofHours(1),
                    new ByteSize(50),
                    Duration.ofHours(1));

    /// Checks the bounds.
    ///
    /// @throws IllegalArgumentException when one is not positive, or the greeting waits too long
    public PaceLimits {
        if (greetingDelay.isNegative() || greetingDelay.compareTo(Duration.ofMinutes(1)) > 0) {
            throw new IllegalArgumentException("greeting-delay must be 0s to 1m");
        }
        positive("handshake-timeout", handshakeTimeout);
        positive("message-timeout", messageTimeout);
        positive("session-timeout", sessionTimeout);
    }

    private static void positive(String setting, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(setting + " must be longer than 0");
        }
    }
}
