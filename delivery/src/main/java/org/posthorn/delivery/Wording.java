package org.posthorn.delivery;

import org.posthorn.api.smtp.Reply;

import java.util.ArrayList;
import java.util.List;

/// Bounds what strangers say before it is kept.
final class Wording {
    private static final int MAX_CHARACTERS = 1_000;

    private Wording() {}

    /// Returns a reply with at most 1,000 characters of text.
    static Reply bounded(Reply reply) {
        int left = MAX_CHARACTERS;
        if (reply.lines().stream().mapToInt(String::length).sum() <= left) {
            return reply;
        }
        List<String> lines = new ArrayList<>();
        for (String line : reply.lines()) {
            String kept = line.length() <= left ? line : cut(line, left);
            lines.add(kept);
            left -= kept.length();
            if (left <= 0) {
                break;
            }
        }
        return new Reply(reply.code(), reply.status(), lines);
    }

    /// Returns a text of a stranger's as it may stand in a reply: at most 300 characters of ASCII.
    static String printable(String text) {
        return cut(text, Math.min(text.length(), 300)).replaceAll("[^ -~]", "?");
    }

    private static String cut(String line, int length) {
        boolean pair = length > 0 && Character.isHighSurrogate(line.charAt(length - 1));
        return line.substring(0, pair ? length - 1 : length);
    }
}
