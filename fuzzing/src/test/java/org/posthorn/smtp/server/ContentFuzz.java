package org.posthorn.smtp.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import java.nio.charset.StandardCharsets;

/// Content behind `DATA` ends where a simple reading of RFC 5321 §4.5.2 ends, however the network
/// cut it and whether or not lines are mended: nobody smuggles a message in. Mended content has no
/// bare CR or LF, in chunks of `BDAT` neither.
class ContentFuzz {

    /// @param text the content, without its stuffed dots
    /// @param rest what stands behind the end; nothing when there is no end
    /// @param bare whether a CR or LF was seen alone
    private record Content(String text, String rest, boolean bare) {}

    @FuzzTest(maxDuration = "8s")
    void content(byte[] octets) {
        Content simple = simply(new String(octets, StandardCharsets.ISO_8859_1));
        Content strict = read(octets, octets.length, false, false);
        Content mended = read(octets, octets.length, true, false);
        assertThat(strict.rest()).isEqualTo(simple.rest());
        assertThat(strict.bare()).isEqualTo(simple.bare());
        assertThat(mended.rest()).isEqualTo(simple.rest());
        assertThat(mended.text().replaceAll("\r\n|\r$", "")).doesNotContain("\r", "\n");
        boolean ended = simple.rest().startsWith("true");
        if (ended && !simple.bare()) {
            assertThat(strict.text()).isEqualTo(simple.text());
            assertThat(mended).isEqualTo(strict);
        }
        assertThat(read(octets, 1, false, true)).isEqualTo(strict);
        assertThat(read(octets, 1, true, true)).isEqualTo(mended);
        assertThat(chunks(octets, 1)).isEqualTo(chunks(octets, octets.length));
        assertThat(chunks(octets, 3).replace("\r\n", "")).doesNotContain("\r", "\n");
    }

    private static Content read(byte[] octets, int atOnce, boolean mending, boolean byLine) {
        ContentDecoder decoder = ContentDecoder.ofData(998, mending);
        StringBuilder text = new StringBuilder();
        ByteBuf in = Unpooled.buffer();
        boolean ended = false;
        int at = 0;
        while (at < octets.length && !ended) {
            int count = Math.min(atOnce, octets.length - at);
            in.writeBytes(octets, at, count);
            at += count;
            ended = drain(decoder, in, byLine, text);
        }
        in.writeBytes(octets, at, octets.length - at);
        String rest = ended ? in.toString(StandardCharsets.ISO_8859_1) : "";
        return new Content(text.toString(), ended + rest, decoder.bareBreak());
    }

    private static String chunks(byte[] octets, int atOnce) {
        ContentDecoder decoder = ContentDecoder.ofChunks(998, true);
        StringBuilder text = new StringBuilder();
        ByteBuf in = Unpooled.buffer();
        for (int at = 0; at < octets.length; at += atOnce) {
            in.writeBytes(octets, at, Math.min(atOnce, octets.length - at));
            assertThat(drain(decoder, in, false, text)).as("an end").isFalse();
        }
        if (decoder.finish(false) == ContentDecoder.Found.MISSING_LF) {
            text.append('\n');
        }
        return text.toString();
    }

    /// Tells whether it came to the end.
    private static boolean drain(
            ContentDecoder decoder, ByteBuf in, boolean byLine, StringBuilder text) {
        while (true) {
            switch (decoder.next(in, in.writerIndex(), byLine)) {
                case NOTHING -> {
                    return false;
                }
                case END -> {
                    return true;
                }
                case OCTETS -> {
                    int length = decoder.end() - decoder.start();
                    text.append(in.toString(decoder.start(), length, StandardCharsets.ISO_8859_1));
                }
                case MISSING_CR -> text.append('\r');
                case MISSING_LF -> text.append('\n');
            }
        }
    }

    /// Line by line, where a line ends with CRLF and nothing else.
    private static Content simply(String octets) {
        StringBuilder text = new StringBuilder();
        boolean bare = false;
        int at = 0;
        while (at < octets.length()) {
            int end = octets.indexOf("\r\n", at);
            String line = octets.substring(at, end < 0 ? octets.length() : end + 2);
            at += line.length();
            if (line.equals(".\r\n")) {
                return new Content(text.toString(), true + octets.substring(at), bare);
            }
            String inner = line.substring(0, end < 0 ? line.length() : line.length() - 2);
            boolean open = end < 0 && inner.endsWith("\r");
            bare |= inner.contains("\n") || inner.indexOf('\r') != (open ? inner.length() - 1 : -1);
            text.append(line.startsWith(".") ? line.substring(1) : line);
        }
        return new Content(text.toString(), "false", bare);
    }
}
