package org.posthorn.server.log;

import java.util.Locale;

/// Text of strangers, for lines that people read.
public final class UnsafeText {
    private UnsafeText() {}

    /// Returns text with everything escaped, as `\\u202e`, that could break a line or turn it
    /// around.
    public static String escaped(String text) {
        StringBuilder escaped = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (isUnsafe(c)) {
                escaped.append(escape(c));
            } else {
                escaped.append(c);
            }
        }
        return escaped.toString();
    }

    static String escape(char c) {
        return String.format(Locale.ROOT, "\\u%04x", (int) c);
    }

    /// Control characters, and those that a viewer may take for the end of a line or that turn text
    /// around.
    static boolean isUnsafe(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.UNASSIGNED ->
                    true;
            default -> false;
        };
    }
}
