package org.posthorn.delivery;

import org.posthorn.api.mail.BodyType;
import org.posthorn.api.mail.Content;
import org.posthorn.api.mail.Envelope;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// What a report carries of the message that it is about: all of it, or its header section, up to
/// 32 KiB and the end of a line. Octets that are not UTF-8 are replaced in a header section.
/// Immutable.
///
/// @param whole whether it is all
/// @param octets lines that end by CRLF; none where there is nothing, or it cannot be read
@SuppressWarnings("ArrayRecordComponent")
record Original(boolean whole, byte[] octets) {
    private static final Logger LOG = LoggerFactory.getLogger(Original.class);
    private static final int MOST_HEADER = 32 * 1024;
    private static final int MOST_IN_LINE = 998;

    /// Returns the whole message, where it is not too large for that, and made of lines.
    ///
    /// @param most the largest size, in octets
    static Original whole(Envelope envelope, Content content, long most) {
        if (content.size() > most || envelope.parameters().body() == BodyType.BINARY) {
            return header(content);
        }
        byte[] octets = read(content, Math.toIntExact(most));
        return octets.length == content.size() && isLines(octets)
                ? new Original(true, octets)
                : header(content);
    }

    private static boolean isLines(byte[] octets) {
        int column = 0;
        for (int i = 0; i < octets.length; i++) {
            boolean end = octets[i] == '\n';
            boolean cr = i > 0 && octets[i - 1] == '\r';
            column = end ? 0 : column + 1;
            if (end != cr || octets[i] == 0 || column > MOST_IN_LINE + 1) {
                return false;
            }
        }
        return octets.length == 0 || octets[octets.length - 1] == '\n';
    }

    /// Returns the header section.
    static Original header(Content content) {
        String beginning = new String(read(content, MOST_HEADER), StandardCharsets.UTF_8);
        return new Original(false, section(beginning).getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] read(Content content, int most) {
        try (InputStream in = content.open()) {
            return in.readNBytes(most);
        } catch (IOException e) {
            LOG.warn("a report goes without the original message: it cannot be read", e);
            return new byte[0];
        }
    }

    private static String section(String beginning) {
        if (beginning.startsWith("\r\n")) {
            return "";
        }
        int end = beginning.indexOf("\r\n\r\n");
        int cut = end < 0 ? beginning.lastIndexOf("\r\n") : end;
        String section = cut < 0 ? "" : beginning.substring(0, cut);
        return section.isEmpty()
                ? ""
                : String.join("\r\n", section.replace('\0', '?').split("\r\n|\r|\n", -1)) + "\r\n";
    }

    /// Returns what the first header field of a name says, unfolded.
    Optional<String> field(String name) {
        int most = Math.min(octets.length, MOST_HEADER);
        String text = new String(octets, 0, most, StandardCharsets.ISO_8859_1);
        int end = text.indexOf("\r\n\r\n");
        String header = end < 0 ? text : text.substring(0, end);
        return header.replaceAll("\r\n(?=[ \t])", "")
                .lines()
                .filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
                .map(line -> line.substring(name.length() + 1).strip())
                .findFirst();
    }

    boolean isAscii() {
        for (byte octet : octets) {
            if (octet < 0) {
                return false;
            }
        }
        return true;
    }
}
