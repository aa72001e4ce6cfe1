package org.posthorn.smtp.server;

import static org.assertj.core.api.Assertions.assertThat;

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

import java.nio.charset.StandardCharsets;
import java.util.List;

class ContentDecoderTest {
    private static final int ANY_LENGTH = 1 << 20;

    @Property
    void givesBackWhatWasStuffedHoweverItArrives(
            @ForAll("contents") List<String> lines,
            @ForAll @IntRange(min = 1, max = 7) int piece,
            @ForAll boolean byLine) {
        String content = String.join("", lines.stream().map(line -> line + "\r\n").toList());
        String stuffed =
                String.join(
                        "",
                        lines.stream()
                                .map(line -> (line.startsWith(".") ? "." : "") + line + "\r\n")
                                .toList());
        Decoded decoded = decode(stuffed + ".\r\nNOOP\r\n", piece, byLine, ANY_LENGTH);
        assertThat(decoded.content()).isEqualTo(content);
        assertThat(decoded.ended()).isTrue();
        assertThat(decoded.bareBreak()).isFalse();
    }

    @Provide
    Arbitrary<List<String>> contents() {
        return Arbitraries.strings()
                .withChars(".. ab\u00e4\0:")
                .ofMaxLength(12)
                .list()
                .ofMaxSize(8);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\n.\n",
                "\n.\r\n",
                "\r\n.\n",
                "\r.\r",
                "\r.\r\n",
                "\r\n.\r",
                "\r\n.\r\r\n",
                "\n\n.\n\n",
                "\r\n.\n\r\n",
                "\r\r\n.\n"
            })
    void endsAtNothingButCrlfDotCrlf(String falseEnd) {
        for (int piece = 1; piece < 8; piece++) {
            Decoded decoded = decode("a" + falseEnd + "b", piece, false, ANY_LENGTH);
            assertThat(decoded.ended()).isFalse();
            assertThat(decoded.bareBreak()).isTrue();
        }
    }

    @Test
    void endsAtOnceWhenThereIsNothing() {
        assertThat(decode(".\r\n", 1, true, ANY_LENGTH))
                .isEqualTo(new Decoded("", true, false, false));
    }

    @Test
    void leavesWhatFollowsTheEnd() {
        ByteBuf in = Unpooled.copiedBuffer("a\r\n.\r\nQUIT\r\n", StandardCharsets.US_ASCII);
        ContentDecoder decoder = ContentDecoder.ofData(ANY_LENGTH, false);
        assertThat(decoder.next(in, in.writerIndex(), false))
                .isEqualTo(ContentDecoder.Found.OCTETS);
        assertThat(decoder.next(in, in.writerIndex(), false)).isEqualTo(ContentDecoder.Found.END);
        assertThat(in.toString(StandardCharsets.US_ASCII)).isEqualTo("QUIT\r\n");
    }

    @Test
    void measuresLinesWithoutStuffingAndCrlf() {
        assertThat(decode("..234\r\n12345\r\n.\r\n", 2, false, 5).longLine()).isFalse();
        assertThat(decode("123456\r\n.\r\n", 2, false, 5).longLine()).isTrue();
    }

    @Property(tries = 3000)
    void seesTheSameHoweverOddOctetsArrive(
            @ForAll("odd") String text, @ForAll @IntRange(min = 1, max = 5) int piece) {
        Decoded whole = decode(text, ANY_LENGTH, false, 4);
        Decoded pieces = decode(text, piece, true, 4);
        assertThat(pieces.ended()).isEqualTo(whole.ended());
        assertThat(pieces.bareBreak()).isEqualTo(whole.bareBreak());
        assertThat(pieces.content()).isEqualTo(whole.content());
        assertThat(whole.ended()).isEqualTo(text.startsWith(".\r\n") || text.contains("\r\n.\r\n"));
    }

    @Provide
    Arbitrary<String> odd() {
        return Arbitraries.strings().withChars("\r\n.x").ofMaxLength(14);
    }

    @Property(tries = 3000)
    void mendsEveryBreakHoweverItArrives(
            @ForAll("odd") String text, @ForAll @IntRange(min = 1, max = 5) int piece) {
        String mended = text.replaceAll("\\r(?!\\n)|(?<!\\r)\\n", "\r\n");
        assertThat(mended(ContentDecoder.ofChunks(ANY_LENGTH, true), text, piece))
                .isEqualTo(mended);
    }

    @Property(tries = 3000)
    void mendsNothingIntoAnEndOfData(
            @ForAll("odd") String text, @ForAll @IntRange(min = 1, max = 5) int piece) {
        String found = mended(ContentDecoder.ofData(ANY_LENGTH, true), text, piece);
        assertThat(found.replace("\r\n", "")).doesNotContain("\r", "\n");
        boolean ends = text.startsWith(".\r\n") || text.contains("\r\n.\r\n");
        assertThat(found.endsWith("END")).isEqualTo(ends);
    }

    private static String mended(ContentDecoder decoder, String text, int piece) {
        StringBuilder content = new StringBuilder();
        byte[] octets = text.getBytes(StandardCharsets.ISO_8859_1);
        for (int at = 0; at < octets.length; at += piece) {
            ByteBuf in = Unpooled.wrappedBuffer(octets, at, Math.min(piece, octets.length - at));
            while (in.isReadable()) {
                switch (decoder.next(in, in.writerIndex(), false)) {
                    case OCTETS ->
                            content.append(
                                    in.toString(
                                            decoder.start(),
                                            decoder.end() - decoder.start(),
                                            StandardCharsets.ISO_8859_1));
                    case MISSING_CR -> content.append('\r');
                    case MISSING_LF -> content.append('\n');
                    case END -> {
                        return content.append("END").toString();
                    }
                    case NOTHING -> assertThat(in.isReadable()).isFalse();
                }
            }
        }
        if (decoder.finish(false) == ContentDecoder.Found.MISSING_LF) {
            content.append('\n');
        }
        assertThat(decoder.bareBreak()).isFalse();
        return content.toString();
    }

    private record Decoded(String content, boolean ended, boolean bareBreak, boolean longLine) {}

    private static Decoded decode(String text, int piece, boolean byLine, int maxLine) {
        ContentDecoder decoder = ContentDecoder.ofData(maxLine, false);
        StringBuilder content = new StringBuilder();
        byte[] octets = text.getBytes(StandardCharsets.ISO_8859_1);
        for (int at = 0; at < octets.length; at += piece) {
            ByteBuf in = Unpooled.wrappedBuffer(octets, at, Math.min(piece, octets.length - at));
            while (in.isReadable()) {
                switch (decoder.next(in, in.writerIndex(), byLine)) {
                    case OCTETS ->
                            content.append(
                                    in.toString(
                                            decoder.start(),
                                            decoder.end() - decoder.start(),
                                            StandardCharsets.ISO_8859_1));
                    case END -> {
                        return new Decoded(
                                content.toString(), true, decoder.bareBreak(), decoder.longLine());
                    }
                    case NOTHING, MISSING_CR, MISSING_LF -> assertThat(in.isReadable()).isFalse();
                }
            }
        }
        return new Decoded(content.toString(), false, decoder.bareBreak(), decoder.longLine());
    }
}
