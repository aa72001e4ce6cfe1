package org.posthorn.smtp.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

class AuthResponseDecoderTest {
    private static final AuthResponse EMPTY =
            new AuthResponse.Octets(ByteBuffer.allocate(0).asReadOnlyBuffer());

    @Test
    void readsResponsesLineByLine() {
        assertThat(read("YWE=\r\n\r\n*\r\n=\r\nYWE=\n"))
                .containsExactly(
                        new AuthResponse.Octets(ByteBuffer.wrap("aa".getBytes())),
                        EMPTY,
                        new AuthResponse.Cancelled(),
                        new AuthResponse.Malformed(),
                        new AuthResponse.Malformed());
    }

    @Test
    void takesLinesOf12288OctetsAndNoLonger() {
        String longest = "A".repeat(12_284) + "\r\n";
        assertThat(read(longest)).hasOnlyElementsOfType(AuthResponse.Octets.class);
        assertThat(read("AAAA" + longest + "*\r\n"))
                .containsExactly(new AuthResponse.TooLong(), new AuthResponse.Cancelled());
        assertThat(read("A".repeat(100_000) + "\r\n*\r\n"))
                .containsExactly(new AuthResponse.TooLong(), new AuthResponse.Cancelled());
    }

    @Property
    void itDoesNotMatterHowALineIsCut(
            @ForAll @Size(max = 200) byte[] response,
            @ForAll @IntRange(min = 1, max = 50) int cut) {
        String line = Base64.getEncoder().encodeToString(response) + "\r\n";
        assertThat(read(line + line, cut))
                .containsExactly(
                        new AuthResponse.Octets(ByteBuffer.wrap(response)),
                        new AuthResponse.Octets(ByteBuffer.wrap(response)));
    }

    @Property
    void whateverComesIsTakenLineByLine(
            @ForAll byte[] octets, @ForAll @IntRange(min = 1, max = 50) int cut) {
        String text = new String(octets, StandardCharsets.ISO_8859_1) + "\r\n";
        long lines = text.chars().filter(c -> c == '\n').count();
        assertThat(read(text, cut)).hasSize(Math.toIntExact(lines));
    }

    private static List<AuthResponse> read(String text) {
        return read(text, Integer.MAX_VALUE);
    }

    private static List<AuthResponse> read(String text, int cut) {
        var decoder = new AuthResponseDecoder();
        List<AuthResponse> all = new ArrayList<>();
        byte[] octets = text.getBytes(StandardCharsets.ISO_8859_1);
        ByteBuf in = Unpooled.buffer();
        for (int at = 0; at < octets.length; at += Math.min(cut, octets.length - at)) {
            in.writeBytes(octets, at, Math.min(cut, octets.length - at));
            AuthResponse next = decoder.next(in);
            while (next != null) {
                all.add(next);
                next = decoder.next(in);
            }
        }
        in.release();
        return all;
    }
}
