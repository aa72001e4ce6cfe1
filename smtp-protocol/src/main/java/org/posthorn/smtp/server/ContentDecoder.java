package org.posthorn.smtp.server;

import io.netty.buffer.ByteBuf;

/// Finds content in what follows `DATA` (RFC 5321 §4.5.2): takes stuffed dots away, and knows the
/// end. Hands out runs of octets where they lie, without a copy.
///
/// Only `CRLF.CRLF` ends content. A CR or LF alone is content, and noted. Confined to the session's
/// thread.
final class ContentDecoder {
    /// What [#next] found.
    enum Found {
        /// All octets are consumed.
        NOTHING,
        /// Octets from [#start] to [#end].
        OCTETS,
        /// The end, which is consumed.
        END
    }

    private enum Place {
        LINE_START,
        TEXT,
        CR,
        DOT,
        DOT_CR
    }

    private final int maxLine;
    private Place place = Place.LINE_START;
    private int line;
    private int start;
    private int end;
    private boolean lineEnded;
    private boolean bareBreak;
    private boolean longLine;

    /// @param maxLine the most octets of a line, without its CRLF
    ContentDecoder(int maxLine) {
        this.maxLine = maxLine;
    }

    /// Returns where the run begins that was found.
    int start() {
        return start;
    }

    /// Returns where it ends.
    int end() {
        return end;
    }

    /// Tells whether the run ends a line.
    boolean lineEnded() {
        return lineEnded;
    }

    /// Tells whether a CR or LF was seen alone.
    boolean bareBreak() {
        return bareBreak;
    }

    /// Tells whether a line was too long.
    boolean longLine() {
        return longLine;
    }

    /// Consumes the next run, or the end.
    ///
    /// @param byLine whether a run ends with each line
    Found next(ByteBuf in, boolean byLine) {
        start = in.readerIndex();
        lineEnded = false;
        int limit = in.writerIndex();
        int at = start;
        while (at < limit) {
            switch (place) {
                case LINE_START -> {
                    if (in.getByte(at) != '.') {
                        place = Place.TEXT;
                    } else if (at > start) {
                        return run(in, at);
                    } else {
                        place = Place.DOT;
                        start = ++at;
                    }
                }
                case TEXT -> at = text(in, at, limit);
                case CR -> {
                    if (in.getByte(at) == '\n') {
                        at++;
                        line = 0;
                        place = Place.LINE_START;
                        if (byLine) {
                            lineEnded = true;
                            return run(in, at);
                        }
                    } else {
                        bareBreak = true;
                        place = Place.TEXT;
                    }
                }
                case DOT -> {
                    if (in.getByte(at) == '\r') {
                        place = Place.DOT_CR;
                        start = ++at;
                    } else {
                        place = Place.TEXT;
                    }
                }
                case DOT_CR -> {
                    if (in.getByte(at) == '\n') {
                        in.readerIndex(at + 1);
                        return Found.END;
                    }
                    bareBreak = true;
                    place = Place.TEXT;
                }
            }
        }
        return run(in, at);
    }

    private int text(ByteBuf in, int from, int limit) {
        int at = LineScan.nextBreak(in, from, limit);
        line += at - from;
        longLine |= line > maxLine;
        if (at == limit) {
            return at;
        }
        if (in.getByte(at) == '\r') {
            place = Place.CR;
        } else {
            bareBreak = true;
        }
        return at + 1;
    }

    private Found run(ByteBuf in, int to) {
        end = to;
        in.readerIndex(to);
        return to > start ? Found.OCTETS : Found.NOTHING;
    }
}
