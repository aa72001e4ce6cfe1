package org.posthorn.smtp.server;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;

import org.junit.jupiter.api.Test;
import org.posthorn.api.mail.HeaderField;
import org.posthorn.api.mail.Headers;
import org.posthorn.api.mail.Mailbox;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

class ParsedHeadersTest {
    @Test
    void givesFieldsInOrderUnfolded() {
        Headers headers = parse("A: one\r\n\ttwo \r\nB:three\r\na: four\r\n");
        assertThat(headers.fields())
                .containsExactly(
                        new HeaderField("A", "one\ttwo"),
                        new HeaderField("B", "three"),
                        new HeaderField("a", "four"));
        assertThat(headers.all("a")).hasSize(2);
    }

    @Test
    void decodesEncodedWords() {
        assertThat(
                        parse("Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= =?utf-8?b?4oKs?=\r\n")
                                .text("SUBJECT"))
                .contains("Grüße€");
    }

    @Test
    void readsRawUtf8() {
        assertThat(parse("Subject: Grüße\r\n").text("subject")).contains("Grüße");
    }

    @Test
    void resolvesGroupsAndLeavesMalformedAddressesOut() {
        Headers headers =
                parse(
                        "From: Mona <mona@example.org>\r\n"
                                + "To: friends: leo@example.org, \"L, ea\" <lea@example.org>;, junk, x@\r\n");
        assertThat(headers.mailboxes("from")).containsExactly(Mailbox.parse("mona@example.org"));
        assertThat(headers.mailboxes("to"))
                .containsExactly(
                        Mailbox.parse("leo@example.org"), Mailbox.parse("lea@example.org"));
        assertThat(headers.mailboxes("cc")).isEmpty();
    }

    @Test
    void readsTheDate() {
        assertThat(parse("Date: Fri, 2 Jan 2026 03:04:05 +0100\r\n").date())
                .contains(Instant.parse("2026-01-02T02:04:05Z"));
        assertThat(parse("Date: some day\r\n").date()).isEmpty();
        assertThat(parse("").date()).isEmpty();
    }

    @Property(tries = 2000)
    void neverFailsWhateverTheOctets(@ForAll @Size(max = 60) byte[] octets) {
        ByteBuffer section = ByteBuffer.allocate(octets.length + 200);
        for (String name : new String[] {"From", "Date", "Subject"}) {
            section.put((name + ": ").getBytes(StandardCharsets.US_ASCII));
            section.put(octets, 0, octets.length / 3);
            section.put("\r\n".getBytes(StandardCharsets.US_ASCII));
        }
        Headers headers = ParsedHeaders.of(section.flip());
        headers.mailboxes("From");
        headers.text("Subject");
        headers.date();
    }

    private static Headers parse(String section) {
        return ParsedHeaders.of(ByteBuffer.wrap(section.getBytes(StandardCharsets.UTF_8)));
    }
}
