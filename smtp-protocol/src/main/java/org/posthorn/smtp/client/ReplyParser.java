package org.posthorn.smtp.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

import org.jspecify.annotations.Nullable;
import org.posthorn.api.smtp.EnhancedStatus;
import org.posthorn.api.smtp.Reply;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Reads replies from octets, as they come (RFC 5321 §4.2, enhanced status RFC 2034).
///
/// Strict in form: CRLF line ends, one code for all lines, 2xx to 5xx. Bounded in size, since the
/// server is a stranger. Lenient in text: what cannot be shown is replaced. One thread at a time.
final class ReplyParser {
    static final int MAX_LINE = 2048;
    static final int MAX_LINES = 128;
    static final int MAX_OCTETS = 32 * 1024;

    private final List<String> lines = new ArrayList<>();
    private Optional<EnhancedStatus> status = Optional.empty();
    private int code;
    private int octets;

    /// Consumes whole lines up to the end of a reply.
    ///
    /// @return the reply, or nothing when its end is not there yet
    @Nullable Reply next(ByteBuf in) throws ReplySyntaxException {
        while (true) {
            int end = in.indexOf(in.readerIndex(), in.writerIndex(), (byte) '\n');
            int length = (end < 0 ? in.writerIndex() : end + 1) - in.readerIndex();
            check(length <= MAX_LINE, "a line of a reply has at most " + MAX_LINE + " octets");
            if (end < 0) {
                return null;
            }
            byte[] line = ByteBufUtil.getBytes(in, in.readerIndex(), length);
            in.skipBytes(length);
            if (line(line)) {
                return finish();
            }
        }
    }

    /// Tells whether it stands between two replies.
    boolean isIdle() {
        return lines.isEmpty();
    }

    /// Takes one line, and tells whether it is the last of its reply.
    private boolean line(byte[] line) throws ReplySyntaxException {
        octets += line.length;
        check(octets <= MAX_OCTETS, "a reply has at most " + MAX_OCTETS + " octets");
        check(lines.size() < MAX_LINES, "a reply has at most " + MAX_LINES + " lines");
        int end = line.length - 2;
        check(end >= 3 && line[end] == '\r', "a line of a reply is a code, text and CRLF");
        int number = code(line);
        check(lines.isEmpty() || number == code, "all lines of a reply have the same code");
        code = number;
        char mark = end == 3 ? ' ' : (char) line[3];
        check(mark == ' ' || mark == '-', "a space or a hyphen stands behind a reply code");
        text(end == 3 ? "" : new String(line, 4, end - 4, StandardCharsets.UTF_8));
        return mark == ' ';
    }

    private static int code(byte[] line) throws ReplySyntaxException {
        int number = 0;
        for (int i = 0; i < 3; i++) {
            check(line[i] >= '0' && line[i] <= '9', "a reply begins with a code of three digits");
            number = number * 10 + line[i] - '0';
        }
        check(number >= 200 && number <= 599, "a reply code is 200 to 599");
        return number;
    }

    private void text(String text) {
        int space = text.indexOf(' ');
        String word = space < 0 ? text : text.substring(0, space);
        Optional<EnhancedStatus> found =
                EnhancedStatus.parse(word).filter(s -> s.kind() == code / 100);
        if (lines.isEmpty()) {
            status = found;
        }
        boolean strip = found.isPresent() && found.equals(status);
        lines.add(shown(strip ? text.substring(word.length()).strip() : text));
    }

    private static String shown(String text) {
        StringBuilder shown = new StringBuilder(text.length());
        text.codePoints()
                .map(c -> c == '\t' || !Character.isISOControl(c) ? c : '?')
                .forEach(shown::appendCodePoint);
        return shown.toString();
    }

    private Reply finish() {
        Reply reply = new Reply(code, status, lines);
        lines.clear();
        status = Optional.empty();
        octets = 0;
        return reply;
    }

    private static void check(boolean holds, String rule) throws ReplySyntaxException {
        if (!holds) {
            throw new ReplySyntaxException(rule);
        }
    }
}
