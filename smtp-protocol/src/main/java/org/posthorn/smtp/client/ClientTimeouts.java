package org.posthorn.smtp.client;

import org.posthorn.api.config.Default;
import org.posthorn.api.config.Help;

import java.time.Duration;
import java.util.stream.Stream;

/// How long a server may take for each step (RFC 5321 §4.5.3.2). Each reply must be complete within
/// its time, however steadily its octets trickle. Immutable.
///
/// @param connect to accept the connection
/// @param greeting from there to its greeting
/// @param hello to answer `EHLO`, `HELO` or `LHLO`
/// @param tls to answer `STARTTLS`, and then again for the handshake
/// @param mail to answer `MAIL` or `RSET`
/// @param rcpt to answer one `RCPT`
/// @param data to answer `DATA`
/// @param block to take the next part of the content
/// @param end to answer the end of the content
public record ClientTimeouts(
        @Help("Time to establish a connection.") @Default("30s") Duration connect,
        @Help("Time from the connection to the greeting.") @Default("5m") Duration greeting,
        @Help("Time to answer EHLO.") @Default("5m") Duration hello,
        @Help("Time to answer STARTTLS, and for the TLS handshake.") @Default("2m") Duration tls,
        @Help("Time to answer MAIL.") @Default("5m") Duration mail,
        @Help("Time to answer RCPT.") @Default("5m") Duration rcpt,
        @Help("Time to answer DATA.") @Default("2m") Duration data,
        @Help("Time to take the next part of the content.") @Default("3m") Duration block,
        @Help("Time to answer the end of the content.") @Default("10m") Duration end) {

    /// The times of RFC 5321 §4.5.3.2, and 30 seconds to connect.
    public static final ClientTimeouts STANDARD =
            new ClientTimeouts(
                    Duration.ofSeconds(30),
                    Duration.ofMinutes(5),
                    Duration.ofMinutes(5),
                    Duration.ofMinutes(2),
                    Duration.ofMinutes(5),
                    Duration.ofMinutes(5),
                    Duration.ofMinutes(2),
                    Duration.ofMinutes(3),
                    Duration.ofMinutes(10));

    /// Checks the times.
    ///
    /// @throws IllegalArgumentException when one is not positive, or longer than a day
    public ClientTimeouts {
        boolean sound =
                Stream.of(connect, greeting, hello, tls, mail, rcpt, data, block, end)
                        .allMatch(t -> t.isPositive() && t.compareTo(Duration.ofDays(1)) <= 0);
        if (!sound) {
            throw new IllegalArgumentException("a time-out is more than nothing, up to a day");
        }
    }

    /// Makes times that are all the same.
    ///
    /// @throws IllegalArgumentException when it is not positive, or longer than a day
    public static ClientTimeouts all(Duration time) {
        return new ClientTimeouts(time, time, time, time, time, time, time, time, time);
    }
}
