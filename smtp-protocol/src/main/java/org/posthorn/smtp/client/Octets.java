package org.posthorn.smtp.client;

import org.posthorn.api.mail.Content;

import java.io.IOException;
import java.io.InputStream;

/// What kinds of octets a message has. Immutable.
///
/// @param utf8Header whether any stands in the header section that is not ASCII
/// @param eightBit whether any stands anywhere that is not ASCII
record Octets(boolean utf8Header, boolean eightBit) {
    private static final int PART = 32 * 1024;

    /// Reads the content, up to the first octet that decides.
    static Octets of(Content content) throws IOException {
        byte[] part = new byte[PART];
        boolean header = true;
        int newlines = 1;
        try (InputStream in = content.open()) {
            for (int n = in.read(part); n > 0; n = in.read(part)) {
                for (int i = 0; i < n; i++) {
                    if (part[i] < 0) {
                        return new Octets(header, true);
                    }
                    newlines = part[i] == '\n' ? newlines + 1 : part[i] == '\r' ? newlines : 0;
                    header &= newlines < 2;
                }
            }
        }
        return new Octets(false, false);
    }
}
