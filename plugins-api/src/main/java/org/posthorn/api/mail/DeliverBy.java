package org.posthorn.api.mail;

import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// By when a sender wants a message delivered, and what to do when that time has passed: the
/// parameter `BY` of `MAIL` (RFC 2852 §4). Immutable.
///
/// @param seconds from the moment a server takes the message; negative when the time has passed on
///     the way
/// @param returned whether the message then goes back to its sender (mode `R`); otherwise the
///     sender is told of the delay, and delivery goes on (mode `N`)
/// @param traced whether each server that passes the message on is to tell the sender (`T`)
public record DeliverBy(long seconds, boolean returned, boolean traced) {
    /// The longest time, before and behind us, that can be written (RFC 2852 §4): nine digits.
    public static final int MOST_SECONDS = 999_999_999;

    private static final Pattern FORM =
            Pattern.compile("([-+]?\\d{1,9});([RN])(T?)", Pattern.CASE_INSENSITIVE);

    /// Checks the time.
    ///
    /// @throws MailSyntaxException when it has passed already in mode `R`
    public DeliverBy {
        AddressSyntax.check(
                seconds > 0 || !returned, "in mode R, the time of BY is more than nothing");
    }

    /// Reads the value of `BY`.
    ///
    /// @throws MailSyntaxException when it is none
    public static DeliverBy parse(String value) {
        Matcher parts = FORM.matcher(value);
        AddressSyntax.check(
                parts.matches(), "BY is seconds, a semicolon, R or N, and T where it is wanted");
        return new DeliverBy(
                Long.parseLong(parts.group(1)),
                parts.group(2).equalsIgnoreCase("R"),
                !parts.group(3).isEmpty());
    }

    /// Returns what a message's parameters say; nothing where that cannot be understood.
    public static Optional<DeliverBy> of(Parameters mail) {
        return Understood.of(mail.value("BY"), DeliverBy::parse);
    }

    /// Returns the moment by which the message is to be delivered.
    ///
    /// @param start since when we could deliver it: since we took responsibility, or since its
    ///     release (RFC 4865)
    public Instant deadline(Instant start) {
        return start.plusSeconds(seconds);
    }

    /// Returns the value for the next server.
    @Override
    public String toString() {
        return seconds + ";" + (returned ? "R" : "N") + (traced ? "T" : "");
    }
}
