package org.posthorn.smtp.client;

import org.posthorn.api.mail.Content;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// What kinds of octets a message has. Immutable.
///
/// @param utf8Header whether any stands in the header section that is not ASCII
/// @param eightBit whether any stands anywhere that is not ASCII
/// @param binary whether it must be sent as BINARYMIME: it is not made of lines of up to 998 octets
///     other than zero, or part of it says that it is binary (RFC 2045 §2.9)
record Octets(boolean utf8Header, boolean eightBit, boolean binary) {
    private static final int PART = 32 * 1024;
    private static final int MAX_LINE = 998;
    private static final String LABEL = "content-transfer-encoding:";
    private static final int LABEL_LENGTH = 80;

    /// Reads the content, to its end.
    static Octets of(Content content) throws IOException {
        var scan = new Scan();
        byte[] part = new byte[PART];
        try (InputStream in = content.open()) {
            for (int n = in.read(part); n > 0; n = in.read(part)) {
                for (int i = 0; i < n; i++) {
                    scan.octet(part[i]);
                }
            }
        }
        return new Octets(scan.utf8Header, scan.eightBit, scan.binary || scan.before == '\r');
    }

    /// How far the content was read.
    private static final class Scan {
        private final byte[] beginning = new byte[LABEL_LENGTH];
        private boolean header = true;
        private boolean utf8Header;
        private boolean eightBit;
        private boolean binary;
        private byte before;
        private int column;

        void octet(byte octet) {
            if (octet < 0) {
                eightBit = true;
                utf8Header |= header;
            }
            boolean lineEnd = octet == '\n';
            binary |= octet == 0 || lineEnd != (before == '\r');
            if (lineEnd) {
                header &= column > 1;
                binary |= column > MAX_LINE + 1 || isLabelledBinary();
                column = 0;
            } else {
                if (column < LABEL_LENGTH) {
                    beginning[column] = octet;
                }
                column++;
            }
            before = octet;
        }

        private boolean isLabelledBinary() {
            if (column < LABEL.length() || (beginning[0] | 0x20) != 'c') {
                return false;
            }
            int length = Math.min(column, LABEL_LENGTH);
            String line = new String(beginning, 0, length, StandardCharsets.ISO_8859_1);
            String folded = line.toLowerCase(Locale.ROOT);
            return folded.startsWith(LABEL)
                    && folded.substring(LABEL.length()).strip().startsWith("binary");
        }
    }
}
