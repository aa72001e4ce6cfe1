package org.posthorn.smtp.client;

import io.netty.buffer.ByteBuf;

/// Turns content into what goes over the wire, part by part: behind `DATA`, with dots doubled (RFC
/// 5321 §4.5.2), or in a chunk behind `BDAT`, as it is (RFC 3030).
///
/// What is sent as lines has no CR without LF, no LF without CR, and no dot behind zero octets at
/// the beginning of a line: a server that takes one of them for a line end, or drops zero octets,
/// could take what follows for the end of the message and for further commands. Such content is
/// refused, or mended, by [BareLineEnds]. One content, one thread.
final class ContentEncoder {
    /// Content has a CR or LF that is no line end.
    static final class BareLineEndException extends Exception {
        private static final long serialVersionUID = 1L;

        BareLineEndException() {
            super("content has a CR or LF that does not belong to a CRLF");
        }
    }

    private enum At {
        LINE_START,
        ZEROS_AT_LINE_START,
        WITHIN,
        AFTER_CR
    }

    private final Way way;
    private final BareLineEnds policy;
    private At at = At.LINE_START;

    /// How content travels.
    enum Way {
        /// Behind `DATA`: lines, up to a lone dot.
        DOTTED,
        /// In a chunk, and declared to be lines.
        LINES,
        /// In a chunk, and declared to be any octets.
        BINARY
    }

    ContentEncoder(Way way, BareLineEnds policy) {
        this.way = way;
        this.policy = policy;
    }

    /// Appends the next part. Writes at most twice as many octets as it is given, and one.
    void write(byte[] octets, int length, ByteBuf out) throws BareLineEndException {
        if (way == Way.BINARY) {
            out.writeBytes(octets, 0, length);
            return;
        }
        int from = 0;
        for (int i = 0; i < length; i++) {
            byte octet = octets[i];
            if (at == At.AFTER_CR && octet != '\n' || octet == '\n' && at != At.AFTER_CR) {
                mend();
                out.writeBytes(octets, from, i - from).writeByte(octet == '\n' ? '\r' : '\n');
                from = i;
                at = octet == '\n' && at != At.AFTER_CR ? At.AFTER_CR : At.LINE_START;
            }
            if (octet == '.' && dotMustDouble()) {
                out.writeBytes(octets, from, i - from).writeByte('.');
                from = i;
            }
            at = behind(octet);
        }
        out.writeBytes(octets, from, length - from);
    }

    private At behind(byte octet) {
        return switch (octet) {
            case '\r' -> At.AFTER_CR;
            case '\n' -> At.LINE_START;
            case 0 -> at == At.WITHIN ? At.WITHIN : At.ZEROS_AT_LINE_START;
            default -> At.WITHIN;
        };
    }

    private boolean dotMustDouble() throws BareLineEndException {
        if (at == At.ZEROS_AT_LINE_START) {
            mend();
            return way == Way.DOTTED;
        }
        return at == At.LINE_START && way == Way.DOTTED;
    }

    private void mend() throws BareLineEndException {
        if (policy == BareLineEnds.REJECT) {
            throw new BareLineEndException();
        }
    }

    /// Appends the end of the content: behind `DATA`, the lone dot, with a line end before it where
    /// the content lacks one.
    void finish(ByteBuf out) throws BareLineEndException {
        if (at == At.AFTER_CR && way != Way.BINARY) {
            mend();
            out.writeByte('\n');
            at = At.LINE_START;
        }
        if (way == Way.DOTTED) {
            if (at != At.LINE_START) {
                out.writeByte('\r').writeByte('\n');
            }
            out.writeByte('.').writeByte('\r').writeByte('\n');
        }
    }
}
