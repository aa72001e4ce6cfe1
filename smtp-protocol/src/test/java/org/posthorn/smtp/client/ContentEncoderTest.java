package org.posthorn.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.smtp.client.ContentEncoder.Way;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

class ContentEncoderTest {

    private static String stuffed(String content, int step) throws Exception {
        return encoded(Way.DOTTED, BareLineEnds.REJECT, content, step);
    }

    private static String encoded(Way way, BareLineEnds policy, String content, int step)
            throws Exception {
        var stuffer = new ContentEncoder(way, policy);
        ByteBuf out = Unpooled.buffer();
        byte[] octets = content.getBytes(StandardCharsets.ISO_8859_1);
        for (int from = 0; from < octets.length; from += step) {
            byte[] part = Arrays.copyOfRange(octets, from, Math.min(octets.length, from + step));
            stuffer.write(part, part.length, out);
        }
        stuffer.finish(out);
        return out.toString(StandardCharsets.ISO_8859_1);
    }

    @Test
    void doublesADotAtTheBeginningOfALine() throws Exception {
        assertThat(stuffed(".a\r\n..\r\nb.\r\n", 99)).isEqualTo("..a\r\n...\r\nb.\r\n.\r\n");
    }

    @Test
    void addsTheLineEndThatIsMissing() throws Exception {
        assertThat(stuffed("a", 99)).isEqualTo("a\r\n.\r\n");
    }

    @Test
    void sendsNothingAsTheLoneDot() throws Exception {
        assertThat(stuffed("", 99)).isEqualTo(".\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a\nb",
                "\n.\r\n",
                "a\r.\r\n",
                "a\r",
                "\r\r\n",
                "a\r\n.\rb\r\n",
                "\n",
                "a\r\n\0.\r\n",
                "\0.",
                "\r\n.\r\0\n"
            })
    void refusesABareLineEnd(String content) {
        for (int step = 1; step <= content.length(); step++) {
            int parts = step;
            assertThatThrownBy(() -> stuffed(content, parts))
                    .isInstanceOf(ContentEncoder.BareLineEndException.class);
        }
    }

    @Property
    void endsOnlyAtTheEndAndComesBackUnchanged(
            @ForAll("contents") String content, @ForAll @IntRange(min = 1, max = 9) int step)
            throws Exception {
        String wire = "\r\n" + stuffed(content, step);

        assertThat(wire.indexOf("\r\n.\r\n")).isEqualTo(wire.length() - 5);
        String inner = wire.substring(2, wire.length() - 3);
        String unstuffed = ("\r\n" + inner).replace("\r\n.", "\r\n").substring(2);
        boolean whole = content.isEmpty() || content.endsWith("\r\n");
        assertThat(unstuffed).isEqualTo(whole ? content : content + "\r\n");
    }

    @Property
    void mendsWhatItIsToldToMendAndThenNothingEndsEarly(
            @ForAll("smuggled") String content, @ForAll @IntRange(min = 1, max = 9) int step)
            throws Exception {
        String wire = "\r\n" + encoded(Way.DOTTED, BareLineEnds.NORMALISE, content, step);

        String inner = wire.substring(0, wire.length() - 3);
        assertThat(inner.replace("\r\n", "")).doesNotContain("\r", "\n");
        for (String seen : List.of(inner, inner.replace("\0", ""))) {
            assertThat(seen.split("\r\n", -1)).doesNotContain(".");
        }
        assertThat(wire).endsWith("\r\n.\r\n");
        assertThat(inner.replaceAll("[\r\n.]", "")).isEqualTo(content.replaceAll("[\r\n.]", ""));
    }

    @Property
    void isRefusedOrHasOneEndOnlyForWhateverReceiver(
            @ForAll("smuggled") String content, @ForAll @IntRange(min = 1, max = 9) int step)
            throws Exception {
        String wire;
        try {
            wire = "\r\n" + stuffed(content, step);
        } catch (ContentEncoder.BareLineEndException e) {
            return;
        }
        String inner = wire.substring(0, wire.length() - 3);
        // Receivers that take a bare CR or LF for a line end, or drop zero octets.
        for (String seen : List.of(inner, inner.replace("\0", ""))) {
            assertThat(seen.split("\r\n|\r|\n", -1)).doesNotContain(".");
        }
    }

    @Property
    void aChunkIsRefusedOrUnchanged(
            @ForAll("smuggled") String content, @ForAll @IntRange(min = 1, max = 9) int step)
            throws Exception {
        assertThat(encoded(Way.BINARY, BareLineEnds.REJECT, content, step)).isEqualTo(content);
        try {
            assertThat(encoded(Way.LINES, BareLineEnds.REJECT, content, step)).isEqualTo(content);
        } catch (ContentEncoder.BareLineEndException e) {
            assertThat(content).matches("(?s).*([\r\n]|\0\\.).*");
        }
    }

    @Provide
    Arbitrary<String> smuggled() {
        return Arbitraries.of(".", "\r\n", "\r", "\n", "\0", "a", "\u00e9")
                .list()
                .ofMaxSize(30)
                .map(parts -> String.join("", parts));
    }

    @Provide
    Arbitrary<String> contents() {
        return Arbitraries.of(".", "\r\n", "a", "..", "\u00e9")
                .list()
                .ofMaxSize(30)
                .map(parts -> String.join("", parts));
    }
}
