package org.posthorn.smtp.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

import org.junit.jupiter.api.Test;
import org.posthorn.api.mail.Domain;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.Parameters;
import org.posthorn.api.mail.ReversePath;
import org.posthorn.smtp.server.Command.Mail;
import org.posthorn.smtp.server.Command.Malformed;
import org.posthorn.smtp.server.Command.Rcpt;
import org.posthorn.smtp.server.Command.Unknown;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

class CommandParserTest {
    @Test
    void readsVerbsInAnyCase() {
        assertThat(parse("rSeT")).isEqualTo(new Command.Rset());
        assertThat(parse("starttls")).isEqualTo(new Command.StartTls());
        assertThat(parse("helo x")).isEqualTo(new Command.Helo("x"));
        assertThat(parse("Help me")).isEqualTo(new Command.Help());
    }

    @Test
    void takesNoOtherOctetForALetter() {
        assertThat(parse("DAT\u0001")).isInstanceOf(Malformed.class);
        assertThat(parse("DATÁ")).isInstanceOf(Unknown.class);
        assertThat(parse("DAT!")).isEqualTo(new Unknown("DAT!"));
    }

    @Test
    void showsAnUnknownVerbShortened() {
        assertThat(parse("x".repeat(1000))).isEqualTo(new Unknown("X".repeat(32)));
    }

    @Test
    void toleratesBlanksAtTheEnd() {
        assertThat(parse("QUIT \t ")).isEqualTo(new Command.Quit());
    }

    @Test
    void readsTheSizeOfAChunk() {
        assertThat(parse("BDAT 0")).isEqualTo(new Command.Bdat(0, false));
        assertThat(parse("bdat  0012  last")).isEqualTo(new Command.Bdat(12, true));
        assertThat(parse("BDAT 999999999999999999 LAST"))
                .isEqualTo(new Command.Bdat(999_999_999_999_999_999L, true));
    }

    @Test
    void takesNoChunkForAnotherCommandWhateverItsSize() {
        for (String odd :
                List.of(
                        "",
                        " ",
                        " x",
                        " -1",
                        " +1",
                        " 1x",
                        " 1 2",
                        " 0x10",
                        " 1 LAST x",
                        "\t1",
                        "\0")) {
            assertThat(parse("BDAT" + odd)).isEqualTo(new Command.Uncountable());
        }
        assertThat(parse("BDAT " + "1".repeat(19))).isEqualTo(new Command.Uncountable());
    }

    @Test
    void dropsASourceRoute() {
        assertThat(parse("RCPT TO:<@a.example,@[IPv6:::1],@b.example:leo@example.org>"))
                .isEqualTo(new Rcpt(new ForwardPath.To(mailbox("leo")), Parameters.NONE));
    }

    @Test
    void readsParameters() {
        assertThat(parse("MAIL FROM:<> size=10  Body=8BITMIME X-Y"))
                .isEqualTo(
                        new Mail(
                                ReversePath.NULL,
                                new Parameters(
                                        Map.of("SIZE", "10", "BODY", "8BITMIME", "X-Y", ""))));
    }

    @Test
    void findsTheEndOfAPathBehindQuotes() {
        assertThat(parse("RCPT TO:<\"> SIZE=1 \\\"\"@example.org> A=b"))
                .isEqualTo(
                        new Rcpt(
                                new ForwardPath.To(mailbox("> SIZE=1 \"")),
                                new Parameters(Map.of("A", "b"))));
    }

    @Property
    void readsBackEveryMailboxThatCanBeWritten(@ForAll("mailboxes") Mailbox mailbox) {
        assertThat(parse("MAIL FROM:<" + mailbox + ">"))
                .isEqualTo(new Mail(ReversePath.of(mailbox), Parameters.NONE));
        assertThat(parse("RCPT TO:<@relay.example:" + mailbox + "> SMTPUTF8"))
                .isEqualTo(
                        new Rcpt(
                                new ForwardPath.To(mailbox),
                                new Parameters(Map.of("SMTPUTF8", ""))));
    }

    @Provide
    Arbitrary<Mailbox> mailboxes() {
        Arbitrary<String> local =
                Arbitraries.strings()
                        .withCharRange(' ', '~')
                        .withChars("äß漢")
                        .ofMinLength(1)
                        .ofMaxLength(20);
        Arbitrary<Domain> domain =
                Arbitraries.of(
                        Domain.parse("example.org"),
                        Domain.parse("bücher.example"),
                        Domain.parse("[192.0.2.1]"),
                        Domain.parse("[IPv6:2001:db8::1]"));
        return Combinators.combine(local, domain).as(Mailbox::new);
    }

    @Property(tries = 5000)
    void neverFailsBehindAVerbWhateverTheOctets(
            @ForAll("verbs") String verb, @ForAll @Size(max = 80) byte[] octets) {
        ByteBuf line = Unpooled.buffer();
        line.writeBytes(verb.getBytes(StandardCharsets.US_ASCII)).writeBytes(octets);
        Command command = CommandParser.parse(line, 0, line.writerIndex());
        if (command instanceof Malformed(_, var reply)) {
            assertThat(reply.code()).isIn(500, 501);
        }
    }

    @Property(tries = 5000)
    void neverFailsForPathsOfOddCharacters(@ForAll("paths") String path) {
        assertThat(parse("MAIL FROM:" + path)).isInstanceOfAny(Mail.class, Malformed.class);
        assertThat(parse("RCPT TO:" + path)).isInstanceOfAny(Rcpt.class, Malformed.class);
    }

    @Provide
    Arbitrary<String> verbs() {
        return Arbitraries.of("MAIL FROM:<", "RCPT TO:<", "EHLO ", "VRFY ", "MAIL FROM:<> ", "");
    }

    @Provide
    Arbitrary<String> paths() {
        return Arbitraries.strings().withChars("<>@\"\\:,[] .a1=-").ofMaxLength(40);
    }

    private static Mailbox mailbox(String local) {
        return new Mailbox(local, Domain.parse("example.org"));
    }

    private static Command parse(String line) {
        ByteBuf in = Unpooled.copiedBuffer(line, StandardCharsets.UTF_8);
        return CommandParser.parse(in, 0, in.writerIndex());
    }
}
