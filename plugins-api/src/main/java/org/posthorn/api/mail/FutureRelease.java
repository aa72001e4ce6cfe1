package org.posthorn.api.mail;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;

/// Before when a submitted message is not to be delivered: the parameters `HOLDFOR` and `HOLDUNTIL`
/// of `MAIL` (RFC 4865 §4).
public final class FutureRelease {
    private static final int DIGITS = 9;

    private FutureRelease() {}

    /// Reads the value of `HOLDFOR`.
    ///
    /// @return seconds from now, at least 1
    /// @throws MailSyntaxException when it is none
    public static long parseFor(String value) {
        boolean digits = value.chars().allMatch(c -> c >= '0' && c <= '9');
        AddressSyntax.check(
                digits
                        && !value.isEmpty()
                        && value.length() <= DIGITS
                        && Integer.parseInt(value) > 0,
                "HOLDFOR is a number of seconds, of up to nine digits");
        return Long.parseLong(value);
    }

    /// Reads the value of `HOLDUNTIL`.
    ///
    /// @throws MailSyntaxException when it is none
    public static Instant parseUntil(String value) {
        try {
            return OffsetDateTime.parse(value).toInstant();
        } catch (DateTimeException e) {
            throw new MailSyntaxException(
                    "HOLDUNTIL is a date and time such as 2026-01-31T12:00:00Z");
        }
    }

    /// Returns when a message is due for the first time; nothing where it is so at once, or where
    /// what its parameters say cannot be understood.
    ///
    /// @param mail the parameters of `MAIL`
    /// @param accepted when we took responsibility
    public static Optional<Instant> of(Parameters mail, Instant accepted) {
        return Understood.of(mail.value("HOLDFOR"), FutureRelease::parseFor)
                .map(accepted::plusSeconds)
                .or(() -> Understood.of(mail.value("HOLDUNTIL"), FutureRelease::parseUntil))
                .filter(release -> release.isAfter(accepted));
    }
}
