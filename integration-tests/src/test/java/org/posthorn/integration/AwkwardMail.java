package org.posthorn.integration;

import static org.assertj.core.api.Assertions.assertThat;

import org.posthorn.integration.harness.Arrived;
import org.posthorn.integration.peer.Client;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.regex.Pattern;

/// Mails that tend to arrive otherwise than they were sent. Their lines end with CRLF.
enum AwkwardMail {
    ORDINARY("Hello.\r\n", true),
    DOTS(".\r\n..\r\n...\r\n.a\r\n..b\r\na.\r\n.\r\n\r\n.\r\n", true),
    DOT_FIRST(".hidden: no field at all\r\n\r\n.\r\n", false),
    EIGHT_BIT("Gr\u00fc\u00dfe \u0080\u00a0\u00ff \u00e2\u0082\u00ac\r\n", true),
    CONTROLS("\u0001\u0007\b\t\u000b\f\u001b[0m\u001a\u007f\r\n", true),
    LINES_OF_998(("x".repeat(998) + "\r\n").repeat(30), true),
    FIELD_FOLDED_AT_998("Subject: a\r\n " + "y".repeat(997) + "\r\n\tz\r\n\r\nHello.\r\n", false),
    SPACES_AND_BLANK_LINES("\r\n \r\n\t\r\ntrailing   \r\n\r\n\r\n", true),
    FROM_AT_LINE_START("From here on\r\n>From there\r\n", true),
    NO_HEADER("Just a line, then another:\r\nnothing like a header.\r\n", false),
    BLANK_LINE_FIRST("\r\nA body without a header.\r\n", false),
    LONE_HEADER("Subject: nothing else\r\n", false),
    LONE_LINE_END("\r\n", false),
    EMPTY("", false),
    TEN_MEBIBYTES(lines(10 << 20), true);

    private static final Pattern FIELD = Pattern.compile("[!-9;-~]+[ \\t]*:");

    private final byte[] octets;

    AwkwardMail(String text, boolean body) {
        String head = body ? "From: a@client.test\r\nSubject: awkward\r\n\r\n" : "";
        octets = (head + text).getBytes(StandardCharsets.ISO_8859_1);
    }

    /// Returns those that a client sends as they are: most make a line of an empty message.
    static Set<AwkwardMail> sentBy(Client client) {
        return client == Client.SWAKS
                ? EnumSet.allOf(AwkwardMail.class)
                : EnumSet.complementOf(EnumSet.of(EMPTY));
    }

    /// Returns what is sent.
    byte[] octets() {
        return octets;
    }

    /// Insists that this is what was sent, apart from trace fields. Some who carry mail, Postfix
    /// for one, end the trace fields by a blank line when no header section follows: without it,
    /// the text would be taken for one.
    void assertArrivedAs(Arrived arrived) {
        byte[] content = arrived.withoutTrace();
        boolean blankLine =
                !startsWithField()
                        && startsWithLineEnd(content)
                        && content.length == octets.length + 2;
        byte[] compared = blankLine ? Arrays.copyOfRange(content, 2, content.length) : content;
        assertThat(Arrays.equals(compared, octets))
                .as("%s arrives as it was sent; it arrived as '%s'", this, start(content))
                .isTrue();
    }

    private boolean startsWithField() {
        return FIELD.matcher(start(octets)).lookingAt();
    }

    private static boolean startsWithLineEnd(byte[] content) {
        return content.length >= 2 && content[0] == '\r' && content[1] == '\n';
    }

    private static String start(byte[] content) {
        int length = Math.min(content.length, 200);
        return new String(content, 0, length, StandardCharsets.ISO_8859_1);
    }

    private static String lines(int size) {
        var random = new SplittableRandom(1);
        var lines = new StringBuilder(size);
        while (lines.length() < size) {
            for (int left = random.nextInt(78); left > 0; left--) {
                lines.append((char) random.nextInt(' ', 0x7f));
            }
            lines.append("\r\n");
        }
        return lines.toString();
    }
}
