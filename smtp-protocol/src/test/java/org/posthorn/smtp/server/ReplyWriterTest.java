package org.posthorn.smtp.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.junit.jupiter.api.Test;
import org.posthorn.api.smtp.EnhancedStatus;
import org.posthorn.api.smtp.Reply;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

class ReplyWriterTest {
    @Test
    void repeatsCodeAndStatusOnEachLine() {
        var status = new EnhancedStatus(5, 70, 123);
        assertThat(write(new Reply(550, Optional.of(status), List.of("no", "never"))))
                .isEqualTo("550-5.70.123 no\r\n550 5.70.123 never\r\n");
    }

    @Test
    void leavesTheStatusOutWhereThereIsNone() {
        assertThat(write(Reply.plain(354, "go"))).isEqualTo("354 go\r\n");
    }

    @Test
    void breaksLinesThatAreLongerThanTheRfcAllows() {
        String written = write(Reply.of(550, "5.7.1", "x".repeat(1000)));
        assertThat(written.lines()).hasSize(3).allMatch(line -> line.length() <= 510);
        assertThat(written).startsWith("550-5.7.1 x").contains("\r\n550 5.7.1 x");
    }

    @Test
    void keepsToAscii() {
        assertThat(write(Reply.of(550, "5.7.1", "nö"))).isEqualTo("550 5.7.1 n?\r\n");
    }

    private static String write(Reply reply) {
        ByteBuf out = Unpooled.buffer();
        ReplyWriter.write(reply, out);
        return out.toString(StandardCharsets.UTF_8);
    }
}
