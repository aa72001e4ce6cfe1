package org.posthorn.smtp.server;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

/// Cuts octets into command lines, strictly at CRLF, and parses them.
///
/// A CR or LF alone never ends a line; a line that has one is refused as a whole. A line that is
/// too long is dropped as it comes. Confined to the session's thread.
final class CommandDecoder {
    private final int limit;

    /// How much of the current line is known not to end it.
    private int scanned;

    private boolean bareBreak;
    private boolean tooLong;

    /// Whether what was dropped of the current line began a chunk.
    private boolean chunk;

    /// @param limit the most octets of a line, with its CRLF
    CommandDecoder(int limit) {
        this.limit = limit;
    }

    /// Takes the next line from a buffer, or nothing when it has no whole one.
    @Nullable Command next(ByteBuf in) {
        int start = in.readerIndex();
        int end = in.writerIndex();
        int at = LineScan.nextBreak(in, start + scanned, end);
        while (at < end) {
            if (in.getByte(at) == '\r') {
                if (at + 1 == end) {
                    break;
                }
                if (in.getByte(at + 1) == '\n') {
                    return line(in, start, at);
                }
            }
            bareBreak = true;
            at = LineScan.nextBreak(in, at + 1, end);
        }
        keep(in, start, at);
        return null;
    }

    private Command line(ByteBuf in, int start, int end) {
        in.readerIndex(end + 2);
        boolean broken = bareBreak;
        boolean counted = chunk;
        boolean over = tooLong || end + 2 - start > limit(in, start, end);
        scanned = 0;
        bareBreak = false;
        tooLong = false;
        chunk = false;
        if (counted) {
            return CommandParser.UNCOUNTABLE;
        }
        if (broken) {
            return CommandParser.refused(in, start, end, Replies.BARE_BREAK);
        }
        return over
                ? CommandParser.refused(in, start, end, Replies.LINE_TOO_LONG)
                : CommandParser.parse(in, start, end);
    }

    /// An initial response may be as long as any other (RFC 4954 §4): tokens are.
    private int limit(ByteBuf in, int start, int end) {
        boolean auth = end - start > limit - 2 && CommandParser.isAuth(in, start);
        return auth ? Math.max(limit, AuthResponseDecoder.LIMIT) : limit;
    }

    private void keep(ByteBuf in, int start, int at) {
        if (at - start >= limit(in, start, at)) {
            chunk |= !tooLong && CommandParser.isBdat(in, start, at);
            tooLong = true;
            in.readerIndex(at);
            scanned = 0;
        } else {
            scanned = at - start;
        }
    }
}
