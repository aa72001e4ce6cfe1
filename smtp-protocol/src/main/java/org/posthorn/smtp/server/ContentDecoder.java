package org.posthorn.smtp.server;

import io.netty.buffer.ByteBuf;

/// Finds content in what follows `DATA` (RFC 5321 §4.5.2) or stands in the chunks of `BDAT` (RFC
/// 3030). Hands out runs of octets where they lie, without a copy.
///
/// Behind `DATA`, it takes stuffed dots away, and only `CRLF.CRLF` ends content. In chunks, a dot
/// is a dot, and whoever counts the octets knows the end. A CR or LF alone is content, and noted;
/// or it is mended: then what it lacks is found where it is missing. Confined to the session's
/// thread.
final class ContentDecoder {
    /// What [#next] found.
    enum Found {
        /// All octets are consumed.
        NOTHING,
        /// Octets from [#start] to [#end].
        OCTETS,
        /// A LF lacks the CR before it.
        MISSING_CR,
        /// A CR lacks the LF behind it.
        MISSING_LF,
        /// The end, which is consumed.
        END
    }

    private enum Place {
        LINE_START,
        TEXT,
        CR,
        DOT,
        DOT_CR,
        /// At a LF without CR.
        BARE_LF,
        /// At a LF that has got its CR. What follows is no line's start to the client: no dot there
        /// was stuffed, and none ends content.
        MENDED,
        /// Behind a CR without LF.
        BARE_CR
    }

    private final int maxLine;
    private final boolean mending;

    /// Where a line begins: dots mean nothing in chunks.
    private final Place lineStart;

    private Place place;
    private int line;
    private int start;
    private int end;
    private boolean lineEnded;
    private boolean bareBreak;
    private boolean longLine;

    private ContentDecoder(int maxLine, boolean mending, Place lineStart) {
        this.maxLine = maxLine;
        this.mending = mending;
        this.lineStart = lineStart;
        this.place = lineStart;
    }

    /// Makes one for what follows `DATA`.
    ///
    /// @param maxLine the most octets of a line, without its CRLF
    /// @param mending whether each CR or LF alone becomes a CRLF
    static ContentDecoder ofData(int maxLine, boolean mending) {
        return new ContentDecoder(maxLine, mending, Place.LINE_START);
    }

    /// Makes one for the chunks of `BDAT`, all of a message together.
    ///
    /// @param maxLine the most octets of a line, without its CRLF
    /// @param mending whether each CR or LF alone becomes a CRLF
    static ContentDecoder ofChunks(int maxLine, boolean mending) {
        return new ContentDecoder(maxLine, mending, Place.TEXT);
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

    /// Tells whether a CR or LF was seen alone, and left alone.
    boolean bareBreak() {
        return bareBreak;
    }

    /// Tells whether a line was too long.
    boolean longLine() {
        return longLine;
    }

    /// Consumes the next run, or the end.
    ///
    /// @param limit where to stop at the latest
    /// @param byLine whether a run ends with each line
    Found next(ByteBuf in, int limit, boolean byLine) {
        start = in.readerIndex();
        lineEnded = false;
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
                case TEXT -> {
                    at = text(in, at, limit);
                    if (place == Place.BARE_LF && at > start) {
                        return run(in, at);
                    }
                }
                case CR -> {
                    if (in.getByte(at) != '\n') {
                        place = bare(Place.BARE_CR);
                        if (place == Place.BARE_CR && at > start) {
                            return run(in, at);
                        }
                        continue;
                    }
                    at++;
                    line = 0;
                    place = lineStart;
                    if (byLine) {
                        lineEnded = true;
                        return run(in, at);
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
                    place = bare(Place.BARE_CR);
                    if (place == Place.BARE_CR) {
                        return missing(in, at, Found.MISSING_CR);
                    }
                }
                case BARE_LF -> {
                    place = Place.MENDED;
                    return missing(in, at, Found.MISSING_CR);
                }
                case MENDED -> {
                    at++;
                    endLine(byLine);
                    if (byLine) {
                        return run(in, at);
                    }
                }
                case BARE_CR -> {
                    endLine(byLine);
                    return missing(in, at, Found.MISSING_LF);
                }
            }
        }
        return run(in, at);
    }

    /// Ends content that was counted.
    ///
    /// @return what it still lacks
    Found finish(boolean byLine) {
        if (place == Place.CR) {
            place = bare(Place.BARE_CR);
        }
        if (place != Place.BARE_CR) {
            return Found.NOTHING;
        }
        endLine(byLine);
        return Found.MISSING_LF;
    }

    private void endLine(boolean byLine) {
        line = 0;
        place = Place.TEXT;
        lineEnded = byLine;
    }

    /// Returns what place to be at: where a break is mended, or simply in text.
    private Place bare(Place mended) {
        bareBreak |= !mending;
        return mending ? mended : Place.TEXT;
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
            return at + 1;
        }
        place = bare(Place.BARE_LF);
        return place == Place.BARE_LF ? at : at + 1;
    }

    private static Found missing(ByteBuf in, int at, Found what) {
        in.readerIndex(at);
        return what;
    }

    private Found run(ByteBuf in, int to) {
        end = to;
        in.readerIndex(to);
        return to > start ? Found.OCTETS : Found.NOTHING;
    }
}
