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
import org.posthorn.api.smtp.EnhancedStatus;
import org.posthorn.api.smtp.Reply;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

class ReplyParserTest {
    private final ReplyParser parser = new ReplyParser();

    private Reply read(String text) throws ReplySyntaxException {
        return parser.next(octets(text));
    }

    private static ByteBuf octets(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
    }

    @Test
    void readsCodeStatusAndText() throws Exception {
        assertThat(read("550 5.1.1 No such user\r\n"))
                .isEqualTo(Reply.of(550, "5.1.1", "No such user"));
    }

    @Test
    void readsAReplyOfSeveralLines() throws Exception {
        Reply reply = read("250-mx.example\r\n250-SIZE 1000\r\n250 HELP\r\n");

        assertThat(reply.lines()).containsExactly("mx.example", "SIZE 1000", "HELP");
        assertThat(reply.status()).isEmpty();
    }

    @Test
    void takesTheStatusOffEachLine() throws Exception {
        Reply reply = read("550-5.7.1 Go\r\n550 5.7.1 away\r\n");

        assertThat(reply.status()).isEqualTo(EnhancedStatus.parse("5.7.1"));
        assertThat(reply.lines()).containsExactly("Go", "away");
    }

    @Test
    void leavesAStatusOfAnotherKindInTheText() throws Exception {
        assertThat(read("550 4.7.1 Odd\r\n")).isEqualTo(Reply.plain(550, "4.7.1 Odd"));
    }

    @Test
    void readsACodeWithoutText() throws Exception {
        assertThat(read("250\r\n")).isEqualTo(Reply.plain(250, ""));
    }

    @Test
    void waitsForTheEndOfALine() throws Exception {
        assertThat(read("250 Alm")).isNull();
    }

    @Test
    void showsNoControlsAndNoBrokenText() throws Exception {
        assertThat(read("250 a\0b\u0007c\u00ff\r\n").text()).isEqualTo("a?b?c\ufffd");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hello\r\n",
                "250 bare line feed\n",
                "25 short\r\n",
                "199 too low\r\n",
                "600 too high\r\n",
                "250_odd\r\n",
                "250-one\r\n251 two\r\n",
                "\r\n",
                "2\r\n"
            })
    void refusesWhatIsNoReply(String text) {
        assertThatThrownBy(() -> read(text)).isInstanceOf(ReplySyntaxException.class);
    }

    @Test
    void refusesALineWithoutEnd() {
        assertThatThrownBy(() -> read("250 " + "x".repeat(ReplyParser.MAX_LINE)))
                .hasMessageContaining("2048 octets");
    }

    @Test
    void refusesLinesWithoutEnd() {
        assertThatThrownBy(() -> read("250-x\r\n".repeat(ReplyParser.MAX_LINES + 1)))
                .hasMessageContaining("128 lines");
    }

    @Test
    void refusesAReplyThatIsTooLarge() {
        String line = "250-" + "x".repeat(1000) + "\r\n";

        assertThatThrownBy(() -> read(line.repeat(40))).hasMessageContaining("32768 octets");
    }

    @Property
    void readsOrRefusesAnyOctets(@ForAll byte[] octets) {
        ByteBuf in = Unpooled.wrappedBuffer(octets);
        try {
            while (new ReplyParser().next(in) != null) {
                assertThat(in.readerIndex()).isPositive();
            }
        } catch (ReplySyntaxException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }

    @Property
    void readsTheSameHoweverTheOctetsArrive(
            @ForAll("dialogues") String text, @ForAll @IntRange(min = 1, max = 40) int step) {
        assertThat(replies(text, step)).isEqualTo(replies(text, text.length() + 1));
    }

    @Provide
    Arbitrary<String> dialogues() {
        return Arbitraries.of(
                        "250 ok\r\n", "250-a\r\n", "354 go\r\n", "421 4.3.2 bye\r\n", "x", "\n")
                .list()
                .ofMaxSize(12)
                .map(lines -> String.join("", lines));
    }

    private static List<Object> replies(String text, int step) {
        var parser = new ReplyParser();
        List<Object> replies = new ArrayList<>();
        ByteBuf in = Unpooled.buffer();
        try {
            for (int from = 0; from < text.length(); from += step) {
                in.writeBytes(octets(text.substring(from, Math.min(text.length(), from + step))));
                Reply reply = parser.next(in);
                while (reply != null) {
                    replies.add(reply);
                    reply = parser.next(in);
                }
            }
        } catch (ReplySyntaxException e) {
            replies.add(e.getMessage());
        }
        return replies;
    }
}
