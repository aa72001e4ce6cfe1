package org.posthorn.api.smtp;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// An enhanced mail system status code, such as `5.7.1` (RFC 3463). Immutable.
///
/// @param kind 2 for success, 4 for a persistent transient failure, 5 for a permanent failure
/// @param subject 0 to 999, such as 7 for security or policy
/// @param detail 0 to 999
public record EnhancedStatus(int kind, int subject, int detail) {
    private static final Pattern FORM = Pattern.compile("([245])\\.(\\d{1,3})\\.(\\d{1,3})");

    /// Checks the ranges.
    ///
    /// @throws IllegalArgumentException when a number is outside of its range
    public EnhancedStatus {
        if (kind != 2 && kind != 4 && kind != 5
                || subject < 0
                || subject > 999
                || detail < 0
                || detail > 999) {
            throw new IllegalArgumentException(
                    "an enhanced status is 2, 4 or 5, and two numbers up to 999: "
                            + kind
                            + "."
                            + subject
                            + "."
                            + detail);
        }
    }

    /// Reads a code, or nothing when the text is none.
    public static Optional<EnhancedStatus> parse(String text) {
        Matcher parts = FORM.matcher(text);
        return parts.matches()
                ? Optional.of(
                        new EnhancedStatus(
                                Integer.parseInt(parts.group(1)),
                                Integer.parseInt(parts.group(2)),
                                Integer.parseInt(parts.group(3))))
                : Optional.empty();
    }

    @Override
    public String toString() {
        return kind + "." + subject + "." + detail;
    }
}
