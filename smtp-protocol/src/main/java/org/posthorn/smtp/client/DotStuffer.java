package org.posthorn.smtp.client;

import io.netty.buffer.ByteBuf;

/// Turns content into what goes over the wire behind `DATA`, part by part (RFC 5321 §4.5.2).
///
/// Refuses a CR without LF and a LF without CR: a server that took either for a line end could take
/// what follows for the end of the message and for further commands. One content, one thread.
final class DotStuffer {
    /// Content has a CR or LF that is no line end.
    static final class BareLineEndException extends Exception {
        private static final long serialVersionUID = 1L;

        BareLineEndException() {
            super("content has a CR or LF that does not belong to a CRLF");
        }
    }

    private enum At {
        LINE_START,
        WITHIN,
        AFTER_CR
    }

    private At at = At.LINE_START;

    /// Appends the next part. Writes at most twice as many octets as it is given.
    void write(byte[] octets, int length, ByteBuf out) throws BareLineEndException {
        int from = 0;
        for (int i = 0; i < length; i++) {
            byte octet = octets[i];
            if (at == At.AFTER_CR || octet == '\n') {
                if (at != At.AFTER_CR || octet != '\n') {
                    throw new BareLineEndException();
                }
                at = At.LINE_START;
            } else if (octet == '\r') {
                at = At.AFTER_CR;
            } else {
                if (octet == '.' && at == At.LINE_START) {
                    out.writeBytes(octets, from, i - from).writeByte('.');
                    from = i;
                }
                at = At.WITHIN;
            }
        }
        out.writeBytes(octets, from, length - from);
    }

    /// Appends the end of the content, with a line end before it where the content lacks one.
    void finish(ByteBuf out) throws BareLineEndException {
        switch (at) {
            case LINE_START -> {}
            case WITHIN -> out.writeByte('\r').writeByte('\n');
            case AFTER_CR -> throw new BareLineEndException();
        }
        out.writeByte('.').writeByte('\r').writeByte('\n');
    }
}
