package org.posthorn.server.selection;

import java.util.Arrays;
import java.util.Locale;

/// A pattern in which `*` stands for any text, `?` for any character, and a character behind `\`
/// for itself. Letters match in either case. Immutable.
///
/// Matching takes at most the product of both lengths, whatever a stranger wrote into the text.
record Glob(String pattern) {
    private static final int ANY = -1;
    private static final int ONE = -2;

    boolean matches(String text) {
        return matches(parts(), folded(text));
    }

    private static boolean matches(int[] parts, int[] text) {
        int part = 0;
        int at = 0;
        int star = -1;
        int resume = 0;
        while (at < text.length) {
            if (part < parts.length && parts[part] == ANY) {
                star = part++;
                resume = at;
            } else if (part < parts.length && (parts[part] == ONE || parts[part] == text[at])) {
                part++;
                at++;
            } else if (star >= 0) {
                part = star + 1;
                at = ++resume;
            } else {
                return false;
            }
        }
        while (part < parts.length && parts[part] == ANY) {
            part++;
        }
        return part == parts.length;
    }

    private int[] parts() {
        int[] characters = folded(pattern);
        int[] parts = new int[characters.length];
        int count = 0;
        for (int i = 0; i < characters.length; i++) {
            boolean escapes = characters[i] == '\\' && i + 1 < characters.length;
            parts[count++] =
                    escapes
                            ? characters[++i]
                            : switch (characters[i]) {
                                case '*' -> ANY;
                                case '?' -> ONE;
                                default -> characters[i];
                            };
        }
        return Arrays.copyOf(parts, count);
    }

    private static int[] folded(String text) {
        return text.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT).codePoints().toArray();
    }
}
