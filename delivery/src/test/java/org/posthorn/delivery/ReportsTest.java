package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.apache.james.mime4j.dom.Entity;
import org.apache.james.mime4j.dom.Message;
import org.apache.james.mime4j.dom.Multipart;
import org.apache.james.mime4j.dom.SingleBody;
import org.apache.james.mime4j.message.DefaultMessageBuilder;
import org.apache.james.mime4j.stream.MimeConfig;
import org.junit.jupiter.api.Test;
import org.posthorn.api.delivery.Outcome;
import org.posthorn.api.mail.BodyType;
import org.posthorn.api.mail.Content;
import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.Parameters;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.mail.ReversePath;
import org.posthorn.api.smtp.Reply;
import org.posthorn.queue.Job;
import org.posthorn.queue.Settlement;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

class ReportsTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final Content LETTER =
            Mail.content("From: mona@sender.example\r\nSubject: A question\r\n\r\nSecret\r\n");
    private static final Result.By MX =
            new Result.By("smtp", "mx.example.org[192.0.2.1]:25", Optional.of("mx.example.org"));

    private static Settlement.Report bounce(Envelope envelope, Content content, Result... results) {
        Job job = new MemoryQueue().offer(envelope, content, NOON);
        var judgement =
                new Judgement(
                        Schedules.routes(),
                        Mail.reports(1),
                        new Notices(Optional.empty()),
                        () -> NOON.plusSeconds(60),
                        new Random(1));
        return judgement
                .on(job, new Attempt.Tried(List.of(results)))
                .settlement()
                .reports()
                .getFirst();
    }

    private static Result failed(Reply reply) {
        return new Result(new Outcome.Failed(reply), MX);
    }

    private static final Result UNKNOWN = failed(Reply.of(550, "5.1.1", "No such user"));

    private static String text(Settlement.Report bounce) {
        return UTF_8.decode(bounce.submission().header()).toString() + UTF_8.decode(bounce.body());
    }

    private static Message message(Settlement.Report bounce) throws IOException {
        var builder = new DefaultMessageBuilder();
        builder.setMimeEntityConfig(MimeConfig.STRICT);
        return builder.parseMessage(new ByteArrayInputStream(text(bounce).getBytes(UTF_8)));
    }

    private static List<Entity> parts(Settlement.Report bounce) throws IOException {
        Message message = message(bounce);
        assertThat(message.getMimeType()).isEqualTo("multipart/report");
        return ((Multipart) message.getBody()).getBodyParts();
    }

    private static String body(Entity part) throws IOException {
        var out = new ByteArrayOutputStream();
        ((SingleBody) part.getBody()).writeTo(out);
        return out.toString(UTF_8);
    }

    @Test
    void comesFromNobodyAndGoesToTheSender() {
        Settlement.Report bounce = bounce(Mail.to("leo@example.org"), LETTER, UNKNOWN);

        assertThat(bounce.submission().envelope())
                .isEqualTo(Mail.from(ReversePath.NULL, "mona@sender.example"));
        assertThat(text(bounce))
                .contains(
                        "From: Mail Delivery System <MAILER-DAEMON@us.example>\r\n",
                        "To: <mona@sender.example>\r\n",
                        "Auto-Submitted: auto-replied\r\n");
    }

    @Test
    void hasPartsForPeopleForProgramsAndWhatItIsAbout() throws Exception {
        List<Entity> parts = parts(bounce(Mail.to("leo@example.org"), LETTER, UNKNOWN));

        assertThat(parts.stream().map(Entity::getMimeType))
                .containsExactly("text/plain", "message/delivery-status", "text/rfc822-headers");
        assertThat(body(parts.get(0)))
                .contains("us.example", "<leo@example.org>: mx.example.org said: 550 5.1.1");
        assertThat(body(parts.get(2)))
                .isEqualTo("From: mona@sender.example\r\nSubject: A question\r\n");
    }

    @Test
    void reportsEachFailedRecipientAndNoOther() throws Exception {
        Envelope three = Mail.to("leo@example.org", "kim@example.org", "pat@example.org");
        String status =
                body(
                        parts(
                                        bounce(
                                                three,
                                                LETTER,
                                                UNKNOWN,
                                                new Result(
                                                        new Outcome.Delivered(
                                                                Reply.of(250, "2.0.0", "Ok")),
                                                        MX),
                                                Result.of(
                                                        Reply.of(550, "5.1.2", "No domain"),
                                                        "smtp",
                                                        "")))
                                .get(1));

        assertThat(status)
                .isEqualTo(
                        """
                        Reporting-MTA: dns; us.example
                        Arrival-Date: Thu, 1 Jan 2026 12:00:00 +0000

                        Final-Recipient: rfc822; leo@example.org
                        Action: failed
                        Status: 5.1.1
                        Remote-MTA: dns; mx.example.org
                        Diagnostic-Code: smtp; 550 5.1.1 No such user
                        Last-Attempt-Date: Thu, 1 Jan 2026 12:01:00 +0000

                        Final-Recipient: rfc822; pat@example.org
                        Action: failed
                        Status: 5.1.2
                        Diagnostic-Code: x-posthorn; 550 5.1.2 No domain
                        Last-Attempt-Date: Thu, 1 Jan 2026 12:01:00 +0000
                        """
                                .replace("\n", "\r\n"));
    }

    @Test
    void givesAStatusWhereTheRemoteGaveNone() throws Exception {
        List<Entity> parts =
                parts(bounce(Mail.to("leo@example.org"), LETTER, failed(Reply.plain(554, "No"))));

        assertThat(body(parts.get(1))).contains("Status: 5.0.0\r\n");
    }

    @Test
    void namesTheRecipientAsTheSenderDid() throws Exception {
        Envelope aliased =
                Envelope.from(ReversePath.of(Mailbox.parse("mona@sender.example")), Parameters.NONE)
                        .to(
                                new Recipient(
                                        Mailbox.parse("leo@example.org"),
                                        new Parameters(
                                                Map.of("ORCPT", "rfc822;info+2Bx@a.example"))));

        assertThat(body(parts(bounce(aliased, LETTER, UNKNOWN)).get(1)))
                .contains("Original-Recipient: rfc822; info+x@a.example\r\n");
    }

    @Test
    void keepsItsLinesShortHoweverMuchTheRemoteSays() throws Exception {
        Reply long1 = Reply.of(550, "5.7.1", "blah ".repeat(150) + "x".repeat(200));
        Settlement.Report bounce = bounce(Mail.to("leo@example.org"), LETTER, failed(long1));

        assertThat(text(bounce).lines()).allMatch(line -> line.length() < 300);
        assertThat(parts(bounce)).hasSize(3);
    }

    @Test
    void saysNothingThatWouldNeedMoreThanAsciiToAnAsciiSender() throws Exception {
        Settlement.Report bounce =
                bounce(
                        Mail.to("leo@b\u00fccher.example"),
                        LETTER,
                        failed(Reply.of(550, "5.1.1", "Gibt\u2019s nicht")));

        assertThat(text(bounce).chars()).allMatch(c -> c < 0x80);
        assertThat(text(bounce)).contains("leo@xn--bcher-kva.example", "Gibt?s nicht");
        assertThat(bounce.submission().envelope().parameters().body())
                .isEqualTo(BodyType.SEVEN_BIT);
    }

    @Test
    void declaresEightBitsWhereTheOriginalHeaderHasThem() throws Exception {
        Settlement.Report bounce =
                bounce(Mail.to("leo@a.example"), Mail.content("Subject: \u00fc\r\n\r\n"), UNKNOWN);

        assertThat(bounce.submission().envelope().parameters().body())
                .isEqualTo(BodyType.EIGHT_BIT);
        assertThat(bounce.submission().envelope().parameters().smtpUtf8()).isFalse();
        assertThat(body(parts(bounce).get(2))).isEqualTo("Subject: \u00fc\r\n");
    }

    private static Envelope from(String sender, String recipient) {
        return Mail.from(ReversePath.of(Mailbox.parse(sender)), recipient);
    }

    private static List<String> types(List<Entity> parts) {
        return parts.stream().map(Entity::getMimeType).toList();
    }

    @Test
    void reportsInternationalisedMailInItsOwnFormsToWhomCanOnlyGetSuchMail() throws Exception {
        Settlement.Report bounce =
                bounce(from("m\u00f6na@sender.example", "l\u00e9o@a.example"), LETTER, UNKNOWN);
        List<Entity> parts = parts(bounce);

        assertThat(types(parts))
                .containsExactly(
                        "text/plain", "message/global-delivery-status", "message/global-headers");
        assertThat(body(parts.get(1))).contains("Final-Recipient: utf-8; l\u00e9o@a.example\r\n");
        assertThat(text(bounce)).contains("To: <m\u00f6na@sender.example>\r\n");
        assertThat(bounce.submission().envelope().parameters().smtpUtf8()).isTrue();
    }

    @Test
    void reportsInternationalisedMailSoThatAnyServerTakesItWhereTheSenderIsInAscii()
            throws Exception {
        Envelope declared =
                new Envelope(
                        Mail.to("l\u00e9o@a.example").sender(),
                        Parameters.NONE.with("SMTPUTF8", ""),
                        Mail.to("l\u00e9o@a.example").recipients());
        Settlement.Report bounce = bounce(declared, LETTER, UNKNOWN);
        List<Entity> parts = parts(bounce);

        assertThat(types(parts))
                .containsExactly("text/plain", "message/delivery-status", "text/rfc822-headers");
        assertThat(body(parts.get(1))).contains("Final-Recipient: utf-8; l\\x{E9}o@a.example\r\n");
        assertThat(body(parts.get(0))).contains("<l\u00e9o@a.example>: mx.example.org said");
        assertThat(bounce.submission().envelope().parameters()).isEqualTo(Parameters.NONE);
    }

    @Test
    void aHeaderInUtf8GoesBackAsSuch() throws Exception {
        Envelope declared =
                new Envelope(
                        Mail.to("leo@a.example").sender(),
                        Parameters.NONE.with("SMTPUTF8", "").with("RET", "FULL"),
                        Mail.to("leo@a.example").recipients());
        Content letter = Mail.content("Subject: \u00fc\r\n\r\nHello\r\n");
        Settlement.Report bounce = bounce(declared, letter, UNKNOWN);

        assertThat(types(parts(bounce)))
                .containsExactly("text/plain", "message/delivery-status", "message/global");
        assertThat(bounce.submission().envelope().parameters())
                .isEqualTo(Parameters.NONE.with("BODY", "8BITMIME"));
    }

    @Test
    void writesToASenderInItsLanguage() throws Exception {
        Settlement.Report bounce =
                bounce(
                        Mail.to("leo@a.example"),
                        Mail.content("Accept-Language: de\r\nSubject: Frage\r\n\r\n"),
                        failed(Reply.of(550, "5.1.1", "Gibt\u2019s nicht")));
        List<Entity> parts = parts(bounce);

        assertThat(message(bounce).getSubject())
                .isEqualTo("Nachricht unzustellbar, zur\u00fcck an den Absender");
        assertThat(parts.getFirst().getHeader().getField("Content-Language").getBody())
                .isEqualTo("de");
        assertThat(body(parts.getFirst()))
                .startsWith("Dies ist das Mailsystem us.example.\r\n\r\n")
                .contains("konnte den folgenden Empf\u00e4ngern nicht zugestellt werden.")
                .contains("<leo@a.example>: mx.example.org said: 550 5.1.1 Gibt\u2019s nicht");
        assertThat(text(bounce).chars()).allMatch(c -> c < 0x80);
        assertThat(text(bounce).lines()).allMatch(line -> line.length() <= 78);
        assertThat(body(parts.get(1))).contains("Diagnostic-Code: smtp; 550 5.1.1 Gibt?s nicht");
    }

    @Test
    void carriesABoundedPartOfTheOriginalHeader() throws Exception {
        String field = "X-Filler: " + "x".repeat(60) + "\r\n";
        Settlement.Report bounce =
                bounce(Mail.to("leo@a.example"), Mail.content(field.repeat(10_000)), UNKNOWN);

        assertThat(bounce.body().remaining()).isLessThan(40_000);
        assertThat(body(parts(bounce).get(2))).endsWith(field.substring(0, field.length()));
    }
}
