package org.posthorn.smtp.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

import org.junit.jupiter.api.Test;
import org.posthorn.smtp.server.Command.Malformed;
import org.posthorn.smtp.server.Command.Noop;
import org.posthorn.smtp.server.Command.Quit;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

class CommandDecoderTest {
    private static final int LIMIT = 512;

    @Test
    void takesWholeLinesAndLeavesTheRest() {
        ByteBuf in = buffer("NOOP\r\nQUIT\r\nRS");
        CommandDecoder decoder = new CommandDecoder(LIMIT);
        assertThat(decoder.next(in)).isEqualTo(new Noop());
        assertThat(decoder.next(in)).isEqualTo(new Quit());
        assertThat(decoder.next(in)).isNull();
        assertThat(in.toString(StandardCharsets.US_ASCII)).isEqualTo("RS");
    }

    @Test
    void countsTheLimitWithCrlf() {
        assertThat(decode("NOOP " + "x".repeat(LIMIT - 7) + "\r\n", 1 << 20))
                .containsExactly(new Noop());
        assertThat(decode("NOOP " + "x".repeat(LIMIT - 6) + "\r\n", 1 << 20))
                .containsExactly(new Malformed("", Replies.LINE_TOO_LONG));
    }

    @Test
    void keepsLittleOfALineThatIsTooLong() {
        CommandDecoder decoder = new CommandDecoder(LIMIT);
        ByteBuf in = Unpooled.buffer();
        for (int i = 0; i < 1000; i++) {
            in.writeBytes(new byte[100]);
            assertThat(decoder.next(in)).isNull();
            assertThat(in.readableBytes()).isLessThanOrEqualTo(LIMIT);
        }
        in.writeBytes("\r\nNOOP\r\n".getBytes(StandardCharsets.US_ASCII));
        assertThat(decoder.next(in)).isEqualTo(new Malformed("", Replies.LINE_TOO_LONG));
        assertThat(decoder.next(in)).isEqualTo(new Noop());
    }

    @Test
    void remembersThatALineThatIsTooLongBeganAChunk() {
        String line = "BDAT " + "0".repeat(2 * LIMIT) + "6 LAST\r\n";
        assertThat(decode(line + "NOOP\r\n", 100))
                .containsExactly(new Command.Uncountable(), new Noop());
    }

    @Test
    void refusesALineWithABareBreakOnce() {
        assertThat(decode("NOOP\nQUIT\rRSET\r\r\nNOOP\r\n", 1 << 20))
                .containsExactly(new Malformed("", Replies.BARE_BREAK), new Noop());
    }

    @Property
    void doesNotCareHowOctetsArriveInPieces(
            @ForAll @Size(max = 8) List<@IntRange(max = 6) Integer> lines,
            @ForAll @IntRange(min = 1, max = 9) int piece) {
        List<String> pool =
                List.of(
                        "NOOP\r\n",
                        "QUIT\r\n",
                        "RSET\nX\r\n",
                        "X\rY\r\n",
                        "EHLO a\r\n",
                        "x".repeat(600) + "\r\n",
                        "BDAT " + "0".repeat(600) + "1 LAST\r\n");
        StringBuilder text = new StringBuilder();
        lines.forEach(i -> text.append(pool.get(i)));
        assertThat(decode(text.toString(), piece)).isEqualTo(decode(text.toString(), 1 << 20));
    }

    @Property(tries = 5000)
    void neverFailsWhateverTheOctets(@ForAll @Size(max = 200) byte[] octets) {
        ByteBuf in = Unpooled.wrappedBuffer(octets);
        CommandDecoder decoder = new CommandDecoder(64);
        while (decoder.next(in) != null) {
            assertThat(in.readerIndex()).isPositive();
        }
        assertThat(in.readableBytes()).isLessThanOrEqualTo(64);
    }

    private static List<Command> decode(String text, int piece) {
        List<Command> commands = new ArrayList<>();
        CommandDecoder decoder = new CommandDecoder(LIMIT);
        ByteBuf in = Unpooled.buffer();
        for (int at = 0; at < text.length(); at += piece) {
            in.writeBytes(
                    text.substring(at, Math.min(at + piece, text.length()))
                            .getBytes(StandardCharsets.ISO_8859_1));
            for (Command command = decoder.next(in); command != null; command = decoder.next(in)) {
                commands.add(command);
            }
        }
        return commands;
    }

    private static ByteBuf buffer(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
    }
}
