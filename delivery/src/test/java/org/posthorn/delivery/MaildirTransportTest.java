package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthorn.api.delivery.Outcome;
import org.posthorn.api.mail.Content;
import org.posthorn.api.mail.Domain;
import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.ReversePath;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

class MaildirTransportTest {
    @TempDir private Path directory;
    private final MaildirTransport transport =
            new MaildirTransport("us.example", () -> Instant.EPOCH);

    private List<Result> deliver(Envelope envelope, Content content) {
        return transport.deliver(
                new MemoryQueue().offer(envelope, content, Instant.EPOCH), directory);
    }

    private static List<Path> files(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            return files.toList();
        }
    }

    @Test
    void putsEachRecipientsMailIntoItsOwnMaildir() throws Exception {
        List<Result> results =
                deliver(Mail.to("Leo@localhost", "kim+x@localhost"), Mail.content("a\r\n"));

        assertThat(results).allMatch(r -> r.outcome() instanceof Outcome.Delivered);
        assertThat(files(directory.resolve("leo/new"))).hasSize(1);
        assertThat(files(directory.resolve("leo/tmp"))).isEmpty();
        assertThat(directory.resolve("leo/cur")).isEmptyDirectory();
        assertThat(files(directory.resolve("kim+x/new"))).hasSize(1);
    }

    @Test
    void keepsEveryOctetBehindTheReturnPath() throws Exception {
        deliver(
                Mail.from(ReversePath.NULL, "leo@localhost"),
                Mail.content(".\r\n\u00fc\r\n..\r\n"));

        assertThat(files(directory.resolve("leo/new")).getFirst())
                .content()
                .isEqualTo("Return-Path: <>\r\n.\r\n\u00fc\r\n..\r\n");
    }

    @Test
    void neverUsesANameTwice() throws Exception {
        for (int i = 0; i < 20; i++) {
            deliver(Mail.to("leo@localhost"), Mail.content("a\r\n"));
        }

        assertThat(files(directory.resolve("leo/new"))).hasSize(20);
    }

    @Test
    void waitsAndLeavesNothingBehindWhereItCannotWrite() throws Exception {
        Content broken =
                new Content() {
                    @Override
                    public long size() {
                        return 1;
                    }

                    @Override
                    public InputStream open() throws IOException {
                        throw new IOException("broken");
                    }
                };

        assertThat(deliver(Mail.to("leo@localhost"), broken).getFirst().outcome())
                .isInstanceOf(Outcome.Deferred.class);
        assertThat(files(directory.resolve("leo/new"))).isEmpty();
        assertThat(files(directory.resolve("leo/tmp"))).isEmpty();
    }

    @Test
    void waitsWhereTheDirectoryIsNone() throws Exception {
        Files.writeString(directory.resolve("leo"), "a file");

        assertThat(deliver(Mail.to("leo@localhost"), Mail.content("a\r\n")).getFirst().outcome())
                .isInstanceOf(Outcome.Deferred.class);
    }

    @ParameterizedTest
    @CsvSource({
        "leo, leo",
        "Leo, leo",
        "leo.m, leo.m",
        ".., %2e.",
        "../../etc, %2e.%2f..%2fetc",
        "a/b, a%2fb",
        "%2e, %252e",
        "a b, a%20b",
        "\u00e9, %c3%a9",
        ".hidden, %2ehidden"
    })
    void namesADirectoryThatLeadsNowhereElse(String localPart, String name) {
        assertThat(MaildirTransport.name(new Mailbox(localPart, Domain.name("localhost"))))
                .isEqualTo(name);
    }

    @Test
    void namesDifferentMailboxesDifferently() {
        Set<String> names = new HashSet<>();
        for (char c = ' '; c < 0x7f; c++) {
            var mailbox = new Mailbox("x" + c, Domain.name("localhost"));
            assertThat(names.add(MaildirTransport.name(mailbox)))
                    .as("x%s", c)
                    .isEqualTo(!(c >= 'a' && c <= 'z'));
        }
    }
}
