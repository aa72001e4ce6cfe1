package org.posthorn.server.management;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How operators write when mail is due.
final class DueTime {
    private static final Duration LONGEST = Duration.ofDays(366);
    private static final Pattern AHEAD = Pattern.compile("\\+([0-9]{1,9})([smhd])");
    private static final Map<String, ChronoUnit> UNITS =
            Map.of(
                    "s", ChronoUnit.SECONDS,
                    "m", ChronoUnit.MINUTES,
                    "h", ChronoUnit.HOURS,
                    "d", ChronoUnit.DAYS);

    private DueTime() {}

    /// Reads `now`, `+30m`, or a time with its distance from UTC.
    ///
    /// @throws IllegalArgumentException saying what was expected, also where it is past or too late
    static Instant parse(String text, Instant now) {
        if (text.equals("now")) {
            return now;
        }
        Instant when = time(text, now);
        if (when.isBefore(now)) {
            throw new IllegalArgumentException(
                    "when: " + text + " is past: expected now, or later");
        }
        if (when.isAfter(now.plus(LONGEST))) {
            throw new IllegalArgumentException(
                    "when: " + text + " is more than a year ahead: expected an earlier time");
        }
        return when;
    }

    private static Instant time(String text, Instant now) {
        Matcher ahead = AHEAD.matcher(text);
        try {
            return ahead.matches()
                    ? now.plus(
                            Duration.of(Long.parseLong(ahead.group(1)), UNITS.get(ahead.group(2))))
                    : OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException | ArithmeticException e) {
            throw new IllegalArgumentException(
                    "when: '"
                            + text
                            + "' is no time: expected now, a time from now such as +30m, +2h or +1d,"
                            + " or a time such as 2026-01-01T12:00:00Z",
                    e);
        }
    }
}
