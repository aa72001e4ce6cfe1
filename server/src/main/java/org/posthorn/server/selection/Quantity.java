package org.posthorn.server.selection;

import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How numbers of one kind are written. Immutable.
///
/// @param words what an operator is told that was expected
/// @param units what may stand behind the digits, in lower case, and how much one is
/// @param comparisons those that make sense
record Quantity(String words, Map<String, Long> units, Set<Comparison> comparisons) {
    /// In seconds.
    static final Quantity TIME =
            new Quantity(
                    "a duration such as 30s, 5m, 4h or 2d",
                    Map.of("s", 1L, "m", 60L, "h", 3_600L, "d", 86_400L, "w", 604_800L),
                    Comparison.OF_TIMES);

    /// In octets.
    static final Quantity OCTETS =
            new Quantity(
                    "a size such as 500, 64KiB or 10MB",
                    Map.of(
                            "", 1L,
                            "b", 1L,
                            "kb", 1_000L,
                            "kib", 1L << 10,
                            "mb", 1_000_000L,
                            "mib", 1L << 20,
                            "gb", 1_000_000_000L,
                            "gib", 1L << 30),
                    Comparison.OF_NUMBERS);

    /// As it is.
    static final Quantity COUNT =
            new Quantity("a whole number", Map.of("", 1L), Comparison.OF_NUMBERS);

    /// So few digits that no unit overflows.
    private static final Pattern FORM = Pattern.compile("([0-9]{1,9})([A-Za-z]*)");

    /// Reads a number, or nothing where there is none.
    OptionalLong parse(String text) {
        Matcher form = FORM.matcher(text);
        Long unit = form.matches() ? units.get(form.group(2).toLowerCase(Locale.ROOT)) : null;
        return unit == null
                ? OptionalLong.empty()
                : OptionalLong.of(Long.parseLong(form.group(1)) * unit);
    }
}
