package org.posthorn.smtp.server;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;

/// Cuts octets into the lines of an authentication exchange, strictly at CRLF. A line that is too
/// long is dropped as it comes. Confined to the session's thread.
final class AuthResponseDecoder {
    /// The most octets of a line, with its CRLF (RFC 4954 §4).
    static final int LIMIT = 12_288;

    private boolean tooLong;

    /// Takes the next line from a buffer, or nothing when it has no whole one.
    @Nullable AuthResponse next(ByteBuf in) {
        int start = in.readerIndex();
        int end = in.indexOf(start, in.writerIndex(), (byte) '\n');
        if (end < 0) {
            if (in.readableBytes() >= LIMIT) {
                tooLong = true;
                in.readerIndex(in.writerIndex());
            }
            return null;
        }
        in.readerIndex(end + 1);
        if (tooLong || end + 1 - start > LIMIT) {
            tooLong = false;
            return new AuthResponse.TooLong();
        }
        return end > start && in.getByte(end - 1) == '\r'
                ? AuthResponse.of(in.toString(start, end - 1 - start, StandardCharsets.ISO_8859_1))
                : new AuthResponse.Malformed();
    }
}
