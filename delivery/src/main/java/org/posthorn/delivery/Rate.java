package org.posthorn.delivery;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How often something may happen: never more than so many times in any time of that length.
/// Immutable.
///
/// It may happen once each `per / count`, which is the only way to keep to that and to lose nothing
/// of it: a burst at the end of one minute and another at the beginning of the next would be twice
/// as much in a minute.
///
/// @param count at least 1
/// @param per more than nothing
record Rate(int count, Duration per) {
    private static final Pattern FORM = Pattern.compile("(\\d{1,9})/(\\d{0,4})([smhd])");

    /// Reads `20/s`, `100/m`, `1000/h` or `5/10m`.
    ///
    /// @param setting what it is the value of
    /// @throws IllegalArgumentException when it is none of these
    static Rate parse(String setting, String text) {
        Matcher parts = FORM.matcher(text.strip());
        if (!parts.matches()) {
            throw bad(setting, text);
        }
        int count = Integer.parseInt(parts.group(1));
        int units = parts.group(2).isEmpty() ? 1 : Integer.parseInt(parts.group(2));
        if (count == 0 || units == 0) {
            throw bad(setting, text);
        }
        return new Rate(count, unit(parts.group(3)).multipliedBy(units));
    }

    private static Duration unit(String letter) {
        return switch (letter) {
            case "s" -> Duration.ofSeconds(1);
            case "m" -> Duration.ofMinutes(1);
            case "h" -> Duration.ofHours(1);
            default -> Duration.ofDays(1);
        };
    }

    private static IllegalArgumentException bad(String setting, String text) {
        return new IllegalArgumentException(
                setting
                        + ": '"
                        + text
                        + "' is no rate: expected a number above 0 for a time, such as 20/s, 100/m,"
                        + " 1000/h or 5/10m");
    }

    /// Returns the time between two, rounded up.
    Duration spacing() {
        return Duration.ofNanos(Math.ceilDiv(per.toNanos(), count));
    }

    /// Returns `100/m` or `5/10m`.
    @Override
    public String toString() {
        long seconds = per.toSeconds();
        String unit =
                seconds % 86_400 == 0
                        ? "d"
                        : seconds % 3_600 == 0 ? "h" : seconds % 60 == 0 ? "m" : "s";
        long units =
                seconds
                        / switch (unit) {
                            case "d" -> 86_400;
                            case "h" -> 3_600;
                            case "m" -> 60;
                            default -> 1;
                        };
        return count + "/" + (units == 1 ? "" : units) + unit;
    }
}
