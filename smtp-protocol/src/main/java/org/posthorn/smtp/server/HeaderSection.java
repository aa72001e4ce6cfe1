package org.posthorn.smtp.server;

import io.netty.buffer.ByteBuf;

import org.posthorn.api.mail.HeaderField;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// The header section of a message that comes in, held apart from its body so that fields can be
/// added and removed at commit (RFC 5322 §2.2).
///
/// It ends with the first line that is neither a field nor a continuation of one: an empty line, or
/// the first line of a message without header section. Confined to the session's thread.
final class HeaderSection {
    private static final int FIRST_SIZE = 2048;
    private static final byte[] RECEIVED = "received".getBytes(StandardCharsets.US_ASCII);

    private static final byte[] TLS_REQUIRED = "tls-required".getBytes(StandardCharsets.US_ASCII);

    private byte[] octets = new byte[FIRST_SIZE];
    private int length;

    /// Where the current line begins; at the end, where the section ends.
    private int line;

    private boolean open = true;
    private int received;
    private boolean tlsOptional;

    /// Tells whether lines may still belong to it.
    boolean open() {
        return open;
    }

    /// Returns its octets so far.
    int length() {
        return open ? length : line;
    }

    /// Tells whether the sender prefers delivery over TLS: whether there is a `TLS-Required: no`
    /// (RFC 8689 §3).
    boolean tlsOptional() {
        return tlsOptional;
    }

    /// Returns how many `Received` fields there are.
    int received() {
        return received;
    }

    /// Adds octets of the current line.
    void append(ByteBuf in, int start, int count) {
        if (length + count > octets.length) {
            octets = Arrays.copyOf(octets, Math.max(length + count, octets.length * 2));
        }
        in.getBytes(start, octets, length, count);
        length += count;
    }

    /// Adds an octet to the current line.
    void append(byte octet) {
        if (length == octets.length) {
            octets = Arrays.copyOf(octets, octets.length * 2);
        }
        octets[length++] = octet;
    }

    /// Ends the section where it is: the content has no more.
    ///
    /// @return whether a line was begun: then it is the body's first
    boolean end() {
        boolean begun = open && length > line;
        open &= !begun;
        return begun;
    }

    /// Ends the current line, and with it perhaps the section.
    ///
    /// @return whether the section is complete: then the line is the body's first
    boolean endLine() {
        boolean folded = line > 0 && (octets[line] == ' ' || octets[line] == '\t');
        int colon = folded ? -1 : nameEnd(line, length);
        if (!folded && colon < 0) {
            open = false;
            return true;
        }
        if (colon >= 0 && isName(line, colon, RECEIVED)) {
            received++;
        } else if (colon >= 0 && isName(line, colon, TLS_REQUIRED)) {
            tlsOptional |= isNo(colon);
        }
        line = length;
        return false;
    }

    private boolean isNo(int nameEnd) {
        String field =
                new String(octets, nameEnd, length - nameEnd, StandardCharsets.ISO_8859_1).strip();
        return field.substring(field.indexOf(':') + 1).strip().equalsIgnoreCase("no");
    }

    /// Returns what was held of the body: its first line, or nothing.
    ByteBuffer bodyStart() {
        return ByteBuffer.wrap(octets, line, length - line);
    }

    /// Returns the section as the client sent it.
    ByteBuffer asSent() {
        return ByteBuffer.wrap(octets, 0, line);
    }

    /// Returns the section behind new fields, without those of some names.
    ///
    /// @param above our trace fields, CRLF included
    ByteBuffer edited(byte[] above, List<HeaderField> added, List<String> removed) {
        StringBuilder fields = new StringBuilder();
        added.forEach(
                field ->
                        fields.append(field.name())
                                .append(": ")
                                .append(field.body())
                                .append("\r\n"));
        byte[] more = fields.toString().getBytes(StandardCharsets.UTF_8);
        ByteBuffer out = ByteBuffer.allocate(above.length + more.length + line);
        out.put(above).put(more);
        if (removed.isEmpty()) {
            return out.put(octets, 0, line).flip();
        }
        List<byte[]> names =
                removed.stream()
                        .map(name -> name.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8))
                        .toList();
        copyOthers(names, out);
        return out.flip();
    }

    private void copyOthers(List<byte[]> names, ByteBuffer out) {
        boolean keep = true;
        int start = 0;
        while (start < line) {
            int end = lineEnd(start);
            if (octets[start] != ' ' && octets[start] != '\t') {
                int from = start;
                int colon = nameEnd(start, end);
                keep = names.stream().noneMatch(name -> isName(from, colon, name));
            }
            if (keep) {
                out.put(octets, start, end - start);
            }
            start = end;
        }
    }

    private int lineEnd(int start) {
        int end = start;
        while (octets[end] != '\n') {
            end++;
        }
        return end + 1;
    }

    /// Returns where the name of a field ends, or -1 when the line is no field. White space before
    /// the colon is obsolete, and allowed (RFC 5322 §4.5).
    private int nameEnd(int start, int end) {
        int at = start;
        while (at < end && octets[at] > ' ' && octets[at] != ':' && octets[at] != 0x7f) {
            at++;
        }
        int colon = at;
        while (colon < end && (octets[colon] == ' ' || octets[colon] == '\t')) {
            colon++;
        }
        return at > start && colon < end && octets[colon] == ':' ? at : -1;
    }

    private boolean isName(int start, int end, byte[] lowerCase) {
        if (end - start != lowerCase.length) {
            return false;
        }
        for (int i = 0; i < lowerCase.length; i++) {
            byte octet = octets[start + i];
            if ((octet >= 'A' && octet <= 'Z' ? octet + 0x20 : octet) != lowerCase[i]) {
                return false;
            }
        }
        return true;
    }

    /// Checks that a field can stand in a header section.
    ///
    /// @throws IllegalArgumentException when it cannot
    static void requireValid(HeaderField field) {
        boolean name =
                !field.name().isEmpty()
                        && field.name().chars().allMatch(c -> c > ' ' && c < 0x7f && c != ':');
        boolean body =
                field.body()
                        .replace("\r\n ", "")
                        .replace("\r\n\t", "")
                        .chars()
                        .noneMatch(c -> c < ' ' && c != '\t' || c == 0x7f);
        if (!name || !body) {
            throw new IllegalArgumentException(
                    "a field has a name of visible ASCII without colon, and a body whose lines are"
                            + " folded by CRLF and white space");
        }
    }
}
