package org.posthorn.delivery;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a report says to people about one kind of thing, in one language. Immutable.
///
/// @param subject its subject, with placeholders
/// @param lines its text, with placeholders; one line is `{recipients}`
record Template(String subject, List<String> lines) {
    /// Stands alone on a line: who, and what was said about each.
    static final String RECIPIENTS = "{recipients}";

    private static final Pattern PLACEHOLDER = Pattern.compile("\\{([^{}]*)}");

    /// Copies the lines.
    Template {
        lines = List.copyOf(lines);
    }

    /// What a report is about.
    enum Kind {
        /// Recipients were given up.
        FAILED,
        /// Recipients were not reached yet.
        DELAYED,
        /// Recipients were reached.
        DELIVERED,
        /// A report could not be delivered itself.
        DOUBLE_BOUNCE;

        /// Returns how it is called in a file.
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        /// Returns what may stand between braces, besides [#RECIPIENTS].
        List<String> placeholders() {
            return this == DELAYED
                    ? List.of("arrived", "hostname", "sender", "until")
                    : List.of("arrived", "hostname", "sender");
        }
    }

    /// Returns the placeholders in a line.
    static List<String> placeholders(String line) {
        return PLACEHOLDER.matcher(line).results().map(it -> it.group(1)).toList();
    }

    /// Returns the subject.
    ///
    /// @param values what the placeholders stand for
    String subject(Map<String, String> values) {
        return filled(subject, values);
    }

    /// Returns the text, with CRLF behind each line.
    ///
    /// @param values what the placeholders stand for
    /// @param recipients lines with CRLF
    String text(Map<String, String> values, String recipients) {
        StringBuilder text = new StringBuilder();
        for (String line : lines) {
            text.append(line.equals(RECIPIENTS) ? recipients : filled(line, values) + "\r\n");
        }
        return text.toString();
    }

    private static String filled(String line, Map<String, String> values) {
        return PLACEHOLDER
                .matcher(line)
                .replaceAll(
                        it ->
                                Matcher.quoteReplacement(
                                        values.getOrDefault(it.group(1), it.group())));
    }
}
