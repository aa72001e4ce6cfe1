package org.posthorn.smtp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.junit.jupiter.api.Test;
import org.posthorn.api.mail.HeaderField;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

class HeaderSectionTest {
    private static final byte[] TRACE = "Received: here\r\n".getBytes(StandardCharsets.US_ASCII);

    @Test
    void endsAtTheEmptyLine() {
        HeaderSection section = read("Subject: a\r\n b\r\n", "\r\n");
        assertThat(section.open()).isFalse();
        assertThat(text(section.asSent())).isEqualTo("Subject: a\r\n b\r\n");
        assertThat(text(section.bodyStart())).isEqualTo("\r\n");
    }

    @Test
    void endsAtALineThatIsNoField() {
        assertThat(text(read("Subject: a\r\n", "Hello there\r\n").bodyStart()))
                .isEqualTo("Hello there\r\n");
        assertThat(read(" folded\r\n").length()).isZero();
        assertThat(read("From mona Thu Jan  1\r\n").length()).isZero();
    }

    @Test
    void staysOpenWhenTheMessageIsNothingElse() {
        HeaderSection section = read("Subject: a\r\n");
        assertThat(section.open()).isTrue();
        assertThat(text(section.asSent())).isEqualTo("Subject: a\r\n");
        assertThat(section.bodyStart().hasRemaining()).isFalse();
    }

    @Test
    void countsReceivedFields() {
        assertThat(
                        read(
                                        "Received: a\r\n",
                                        "\tb\r\n",
                                        "RECEIVED : c\r\n",
                                        "Received-SPF: d\r\n")
                                .received())
                .isEqualTo(2);
    }

    @Test
    void seesThatTlsNeedNotBe() {
        assertThat(read("TLS-Required: no\r\n").tlsOptional()).isTrue();
        assertThat(read("tls-required :NO\r\n").tlsOptional()).isTrue();
        assertThat(read("TLS-Required: yes\r\n").tlsOptional()).isFalse();
        assertThat(read("X: a\r\n", "TLS-Required:\r\n").tlsOptional()).isFalse();
        assertThat(read("X-TLS-Required: no\r\n").tlsOptional()).isFalse();
    }

    @Test
    void endsWithALineThatHasNoEnd() {
        HeaderSection section = read("Subject: a\r\n");
        assertThat(section.end()).isFalse();
        section.append((byte) 'x');
        assertThat(section.end()).isTrue();
        assertThat(text(section.asSent())).isEqualTo("Subject: a\r\n");
        assertThat(text(section.bodyStart())).isEqualTo("x");
    }

    @Test
    void putsNewFieldsOnTopAndTakesOthersAway() {
        HeaderSection section =
                read(
                        "X-A: 1\r\n",
                        "Subject: s\r\n",
                        "x-a: 2\r\n",
                        " more\r\n",
                        "X-AB: 3\r\n",
                        "\r\n");
        ByteBuffer edited =
                section.edited(TRACE, List.of(new HeaderField("X-New", "n")), List.of("X-a"));
        assertThat(text(edited))
                .isEqualTo("Received: here\r\nX-New: n\r\nSubject: s\r\nX-AB: 3\r\n");
    }

    @Test
    void growsAsFarAsItMust() {
        String field = "X-Long: " + "y".repeat(5000) + "\r\n";
        assertThat(text(read(field, field).asSent())).isEqualTo(field + field);
    }

    @Test
    void refusesFieldsThatWouldBreakOut() {
        HeaderSection.requireValid(new HeaderField("X-Ok", "one\r\n two"));
        for (HeaderField field :
                List.of(
                        new HeaderField("", "x"),
                        new HeaderField("A B", "x"),
                        new HeaderField("A:", "x"),
                        new HeaderField("A", "x\r\nB: y"),
                        new HeaderField("A", "x\n y"),
                        new HeaderField("A", "x\r\n"))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> HeaderSection.requireValid(field));
        }
    }

    private static HeaderSection read(String... lines) {
        HeaderSection section = new HeaderSection();
        for (String line : lines) {
            ByteBuf octets = Unpooled.copiedBuffer(line, StandardCharsets.UTF_8);
            section.append(octets, 0, octets.readableBytes());
            if (section.endLine()) {
                break;
            }
        }
        return section;
    }

    private static String text(ByteBuffer octets) {
        return StandardCharsets.UTF_8.decode(octets).toString();
    }
}
