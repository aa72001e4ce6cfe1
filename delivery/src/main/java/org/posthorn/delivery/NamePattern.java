package org.posthorn.delivery;

import java.util.Locale;

/// Names of hosts or of senders: one, or all that end alike. Immutable.
///
/// @param text the name, or its end
/// @param end whether it is the end of names
record NamePattern(String text, boolean end) {

    /// Reads `mx.example.org`, or `*.example.org` for all below it.
    ///
    /// @param setting what it stands in
    /// @throws IllegalArgumentException when it is neither
    static NamePattern host(String setting, String text) {
        boolean below = text.startsWith("*.");
        String name = below ? text.substring(2) : text;
        if (!name.matches("[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*|\\[[0-9A-Fa-f.:]+]")) {
            throw new IllegalArgumentException(
                    setting
                            + ": '"
                            + text
                            + "' is no host name: expected mx.example.org, or *.example.org for all"
                            + " below it");
        }
        return new NamePattern(lower(below ? "." + name : name), below);
    }

    /// Reads `mona@example.org`, `*@example.org`, or `<>` for none.
    ///
    /// @param setting what it stands in
    /// @throws IllegalArgumentException when it is none of these
    static NamePattern sender(String setting, String text) {
        boolean all = text.startsWith("*@");
        if (!text.equals("<>") && (text.indexOf('@') < 1 || text.endsWith("@"))) {
            throw new IllegalArgumentException(
                    setting
                            + ": '"
                            + text
                            + "' is no sender: expected mona@example.org, *@example.org, or <> for"
                            + " bounces");
        }
        return new NamePattern(lower(all ? text.substring(1) : text), all);
    }

    /// @param name in lower case
    boolean matches(String name) {
        return end ? name.endsWith(text) : name.equals(text);
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }
}
