package org.posthorn.smtp.server;

import io.netty.buffer.ByteBuf;

/// Finds line breaks, eight octets at a time: the one loop that sees every octet of every message.
final class LineScan {
    private static final long LOW = 0x0101010101010101L;
    private static final long HIGH = 0x8080808080808080L;
    private static final long ALL_CR = LOW * '\r';
    private static final long ALL_LF = LOW * '\n';

    private LineScan() {}

    /// Returns the index of the first CR or LF, or `end` when there is none.
    static int nextBreak(ByteBuf in, int start, int end) {
        int at = start;
        while (at + Long.BYTES <= end) {
            long octets = in.getLongLE(at);
            long found = zeros(octets ^ ALL_CR) | zeros(octets ^ ALL_LF);
            if (found != 0) {
                return at + (Long.numberOfTrailingZeros(found) >> 3);
            }
            at += Long.BYTES;
        }
        while (at < end && !isBreak(in.getByte(at))) {
            at++;
        }
        return at;
    }

    /// Marks, by its highest bit, at least the lowest octet that is zero.
    private static long zeros(long octets) {
        return (octets - LOW) & ~octets & HIGH;
    }

    private static boolean isBreak(byte octet) {
        return octet == '\r' || octet == '\n';
    }
}
