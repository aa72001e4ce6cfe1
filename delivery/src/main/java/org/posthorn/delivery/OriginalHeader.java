package org.posthorn.delivery;

import org.posthorn.api.mail.Content;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/// The header section of a message that failed, as far as a bounce carries it: 32 KiB, up to the
/// end of a line. Octets that are not UTF-8 are replaced. Immutable.
///
/// @param text lines that end by CRLF; empty where there is none, or it cannot be read
record OriginalHeader(String text) {
    private static final Logger LOG = LoggerFactory.getLogger(OriginalHeader.class);
    private static final int MAX_OCTETS = 32 * 1024;

    static OriginalHeader of(Content content) {
        try (InputStream in = content.open()) {
            return of(new String(in.readNBytes(MAX_OCTETS), StandardCharsets.UTF_8));
        } catch (IOException e) {
            LOG.warn("a bounce goes without the original header: its content cannot be read", e);
            return new OriginalHeader("");
        }
    }

    private static OriginalHeader of(String beginning) {
        if (beginning.startsWith("\r\n")) {
            return new OriginalHeader("");
        }
        int end = beginning.indexOf("\r\n\r\n");
        int cut = end < 0 ? beginning.lastIndexOf("\r\n") : end;
        return new OriginalHeader(cut < 0 ? "" : beginning.substring(0, cut + 2));
    }

    boolean isAscii() {
        return text.chars().allMatch(c -> c < 0x80);
    }
}
