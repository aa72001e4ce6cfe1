package org.posthorn.smtp.server;

import io.netty.buffer.ByteBuf;

import org.posthorn.api.smtp.EnhancedStatus;
import org.posthorn.api.smtp.Reply;

import java.util.List;
import java.util.Optional;

/// Writes replies as they stand on the wire (RFC 5321 §4.2, RFC 2034 §4): each line with code and
/// status, none longer than 512 octets, all ASCII.
final class ReplyWriter {
    private static final int MAX_TEXT = 490;

    /// A challenge is one line, however long (RFC 4954 §4).
    private static final int CHALLENGE = 334;

    private ReplyWriter() {}

    static void write(Reply reply, ByteBuf out) {
        List<String> lines = reply.lines();
        for (int i = 0; i < lines.size(); i++) {
            line(reply, lines.get(i), i == lines.size() - 1, out);
        }
    }

    private static void line(Reply reply, String text, boolean last, ByteBuf out) {
        int start = 0;
        while (text.length() - start > MAX_TEXT && reply.code() != CHALLENGE) {
            part(reply, text, start, start + MAX_TEXT, false, out);
            start += MAX_TEXT;
        }
        part(reply, text, start, text.length(), last, out);
    }

    private static void part(
            Reply reply, String text, int start, int end, boolean last, ByteBuf out) {
        number(reply.code(), out);
        out.writeByte(last ? ' ' : '-');
        Optional<EnhancedStatus> status = reply.status();
        if (status.isPresent()) {
            EnhancedStatus parts = status.get();
            number(parts.kind(), out);
            number(parts.subject(), out.writeByte('.'));
            number(parts.detail(), out.writeByte('.'));
            out.writeByte(' ');
        }
        for (int i = start; i < end; i++) {
            char c = text.charAt(i);
            out.writeByte(c < 0x80 ? c : '?');
        }
        out.writeByte('\r').writeByte('\n');
    }

    private static void number(int number, ByteBuf out) {
        if (number >= 100) {
            out.writeByte('0' + number / 100);
        }
        if (number >= 10) {
            out.writeByte('0' + number / 10 % 10);
        }
        out.writeByte('0' + number % 10);
    }
}
