package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.api.delivery.Outcome;
import org.posthorn.api.mail.Content;
import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.Parameters;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.mail.ReversePath;
import org.posthorn.api.smtp.Reply;
import org.posthorn.queue.Job;
import org.posthorn.queue.Mark;
import org.posthorn.queue.Settlement;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/// What senders are told, and when (RFC 3461, RFC 3464, RFC 2852), and what is never told.
class NotificationsTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final Content LETTER =
            Mail.content("Subject: A question\r\n\r\nWhere are you?\r\n");
    private static final Result.By MX =
            new Result.By("smtp", "mx.example.org[192.0.2.1]:25", Optional.of("mx.example.org"));
    private static final Result UNKNOWN =
            new Result(new Outcome.Failed(Reply.of(550, "5.1.1", "No such user")), MX);
    private static final Result LATER =
            new Result(new Outcome.Deferred(Reply.of(450, "4.2.1", "Later")), MX);

    private Instant now = NOON.plusSeconds(60);
    private final Judgement judgement =
            new Judgement(
                    Schedules.routes(),
                    Mail.reports(1),
                    new Notices(Optional.empty()),
                    () -> now,
                    new Random(1));

    private static Result taken(Reach reach) {
        return new Result(new Outcome.Delivered(Reply.of(250, "2.0.0", "Ok")), MX, reach);
    }

    private static Envelope envelope(Map<String, String> mail, String... notify) {
        List<Recipient> recipients = new ArrayList<>();
        for (int i = 0; i < notify.length; i++) {
            recipients.add(
                    new Recipient(
                            Mailbox.parse("r" + i + "@example.org"),
                            notify[i].isEmpty()
                                    ? Parameters.NONE
                                    : Parameters.NONE.with("NOTIFY", notify[i])));
        }
        return new Envelope(
                ReversePath.of(Mailbox.parse("mona@sender.example")),
                new Parameters(mail),
                recipients);
    }

    private static Job job(Envelope envelope, Content content) {
        return new MemoryQueue().offer(envelope, content, NOON);
    }

    private Settlement settle(Job job, Result... results) {
        return judgement.on(job, new Attempt.Tried(List.of(results))).settlement();
    }

    private Settlement settle(Envelope envelope, Result... results) {
        return settle(job(envelope, LETTER), results);
    }

    private static List<String> texts(Settlement settlement) {
        return settlement.reports().stream()
                .map(
                        it ->
                                ISO_8859_1.decode(it.submission().header()).toString()
                                        + ISO_8859_1.decode(it.body()))
                .toList();
    }

    private static String text(Settlement settlement) {
        assertThat(settlement.reports()).hasSize(1);
        return texts(settlement).getFirst();
    }

    private static Job marked(Job job, Set<Mark> marks) {
        return new Job(
                job.message(),
                job.number(),
                job.destination(),
                job.envelope(),
                job.content(),
                job.metadata(),
                job.acceptedAt(),
                job.due(),
                job.attempts(),
                marks,
                job.route(),
                job.bounce());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|true",
                "FAILURE|true",
                "SUCCESS,FAILURE|true",
                "NEVER|false",
                "SUCCESS|false",
                "DELAY|false"
            })
    void aFailureIsToldToWhomItMatters(String notify, boolean told) {
        assertThat(settle(envelope(Map.of(), notify), UNKNOWN).reports()).hasSize(told ? 1 : 0);
    }

    @Test
    void oneReportTellsOnlyOfThoseWhoWantedIt() {
        String text = text(settle(envelope(Map.of(), "NEVER", "FAILURE"), UNKNOWN, UNKNOWN));
        assertThat(text).contains("rfc822; r1@example.org").doesNotContain("r0@example.org");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "DELIVERED|SUCCESS|delivered",
                "RELAYED|SUCCESS|relayed",
                "TRACED|SUCCESS|relayed",
                "TRACED|DELAY|relayed",
                "TRACED|''|relayed",
                "TRACED|NEVER|''",
                "DELIVERED|''|''",
                "RELAYED|FAILURE,DELAY|''",
                "RELAYED|NEVER|''",
                "PASSED_ON|SUCCESS|''",
                "NOWHERE|SUCCESS|''"
            })
    void successIsToldByTheLastWhoCanTell(Reach reach, String notify, String action) {
        Settlement settlement = settle(envelope(Map.of(), notify), taken(reach));
        if (action.isEmpty()) {
            assertThat(settlement.reports()).isEmpty();
        } else {
            assertThat(text(settlement))
                    .contains(
                            "Subject: Successful Mail Delivery Report\r\n",
                            "Action: " + action + "\r\nStatus: 2.0.0\r\n");
        }
    }

    @Test
    void differentFatesAreToldInDifferentReports() {
        now = NOON.plus(Duration.ofHours(5));
        Settlement settlement =
                settle(
                        envelope(Map.of(), "FAILURE", "DELAY", "SUCCESS"),
                        UNKNOWN,
                        LATER,
                        taken(Reach.DELIVERED));
        assertThat(texts(settlement))
                .satisfiesExactly(
                        it -> assertThat(it).contains("Action: failed").doesNotContain("r1@"),
                        it -> assertThat(it).contains("Action: delayed").doesNotContain("r2@"),
                        it -> assertThat(it).contains("Action: delivered").doesNotContain("r0@"));
    }

    @Test
    void nothingIsToldOfAReport() {
        now = NOON.plus(Duration.ofHours(5));
        Envelope report =
                new Envelope(
                        ReversePath.NULL,
                        Parameters.NONE,
                        envelope(Map.of(), "SUCCESS,FAILURE,DELAY", "SUCCESS,DELAY,FAILURE", "")
                                .recipients());
        assertThat(settle(report, UNKNOWN, LATER, taken(Reach.DELIVERED)).reports()).isEmpty();
    }

    @Test
    void theOperatorMayGetBouncesThatFailedWhole() {
        var operator =
                new Judgement(
                        Schedules.routes(),
                        Mail.reports(1),
                        new Notices(Optional.of(Mailbox.parse("postmaster@us.example"))),
                        () -> now,
                        new Random(1));
        Envelope bounce =
                new Envelope(
                        ReversePath.NULL,
                        Parameters.NONE,
                        envelope(Map.of(), "NEVER").recipients());
        Settlement settlement =
                operator.on(job(bounce, LETTER), new Attempt.Tried(List.of(UNKNOWN))).settlement();
        assertThat(text(settlement))
                .contains(
                        "To: <postmaster@us.example>\r\n",
                        "Subject: Undelivered Bounce\r\n",
                        "Action: failed\r\n",
                        "Content-Type: message/rfc822\r\n",
                        "Where are you?\r\n");
        assertThat(settlement.reports().getFirst().submission().envelope().sender())
                .isEqualTo(ReversePath.NULL);
    }

    @Test
    void aDelayIsToldOnceAndAtItsTime() {
        Job job = job(envelope(Map.of(), ""), LETTER);
        now = NOON.plus(Duration.ofMinutes(150));
        Settlement early = settle(job, LATER);
        assertThat(early.reports()).isEmpty();
        assertThat(early.marks()).isEmpty();
        assertThat(early.next()).contains(NOON.plus(Duration.ofHours(4)));

        now = NOON.plus(Duration.ofHours(4));
        Settlement warned = settle(job, LATER);
        assertThat(warned.marks()).containsExactly(Mark.DELAY_TOLD);
        assertThat(text(warned))
                .contains(
                        "Subject: Delayed Mail (still being retried)\r\n",
                        "Action: delayed\r\nStatus: 4.2.1\r\n",
                        "Will-Retry-Until: Tue, 6 Jan 2026 12:00:00 +0000\r\n");

        now = NOON.plus(Duration.ofHours(8));
        Settlement again = settle(marked(job, warned.marks()), LATER);
        assertThat(again.reports()).isEmpty();
        assertThat(again.marks()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"NEVER", "FAILURE", "SUCCESS"})
    void aDelayIsNotToldToWhoDoesNotAskForIt(String notify) {
        now = NOON.plus(Duration.ofHours(4));
        Settlement settlement = settle(envelope(Map.of(), notify), LATER);
        assertThat(settlement.reports()).isEmpty();
        assertThat(settlement.marks()).containsExactly(Mark.DELAY_TOLD);
    }

    @Test
    void failuresBringBackWhatTheSenderAskedFor() {
        assertThat(text(settle(envelope(Map.of("RET", "FULL"), ""), UNKNOWN)))
                .contains("Content-Type: message/rfc822\r\n", "Where are you?\r\n");
        assertThat(text(settle(envelope(Map.of("RET", "HDRS"), ""), UNKNOWN)))
                .contains("Content-Type: text/rfc822-headers\r\n", "Subject: A question\r\n")
                .doesNotContain("Where are you?");
        assertThat(text(settle(envelope(Map.of(), ""), UNKNOWN))).doesNotContain("Where are you?");
        assertThat(text(settle(envelope(Map.of("RET", "FULL"), "SUCCESS"), taken(Reach.DELIVERED))))
                .doesNotContain("Where are you?");
    }

    @Test
    void aReportOfMailThatRequiresTlsRequiresItAsWell() {
        Settlement settlement =
                settle(envelope(Map.of("REQUIRETLS", "", "RET", "FULL"), ""), UNKNOWN);
        assertThat(settlement.reports().getFirst().submission().envelope().parameters())
                .isEqualTo(Parameters.NONE.with("REQUIRETLS", ""));
        assertThat(text(settlement)).doesNotContain("Where are you?");
    }

    @Test
    void onlyMailThatCanGoBackWholeDoes() {
        Envelope full = envelope(Map.of("RET", "full"), "");
        for (String text :
                List.of(
                        "Subject: A question\r\n\r\n" + "x\r\n".repeat(100_000),
                        "Subject: A question\r\n\r\nbare\nline\r\n",
                        "Subject: A question\r\n\r\nzero\0\r\n",
                        "Subject: A question\r\n\r\n" + "x".repeat(1000) + "\r\n",
                        "Subject: A question\r\n\r\nno end")) {
            assertThat(text(settle(job(full, Mail.content(text)), UNKNOWN)))
                    .contains("text/rfc822-headers", "Subject: A question\r\n")
                    .doesNotContain("message/rfc822\r\n");
        }
    }

    @Test
    void aHeaderWithBareLineEndsMakesNoReportThatCannotBeSent() {
        String text =
                text(
                        settle(
                                job(envelope(Map.of(), ""), Mail.content("A: b\nC: d\re\r\n\r\n")),
                                UNKNOWN));
        assertThat(text).contains("A: b\r\nC: d\r\ne\r\n");
        assertThat(text.replace("\r\n", "")).doesNotContain("\r", "\n");
    }

    @Test
    void mailInEightBitsGoesBackInEightBits() {
        byte[] latin = "Subject: x\r\n\r\nd\u00e9j\u00e0\r\n".getBytes(ISO_8859_1);
        var content =
                new Content() {
                    @Override
                    public long size() {
                        return latin.length;
                    }

                    @Override
                    public InputStream open() {
                        return new ByteArrayInputStream(latin);
                    }
                };
        Settlement settlement = settle(job(envelope(Map.of("RET", "FULL"), ""), content), UNKNOWN);
        assertThat(text(settlement)).contains("d\u00e9j\u00e0\r\n");
        assertThat(settlement.reports().getFirst().submission().envelope().parameters())
                .isEqualTo(Parameters.NONE.with("BODY", "8BITMIME"));
    }

    @Test
    void theSendersOwnNamesComeBack() {
        Envelope named =
                new Envelope(
                        ReversePath.of(Mailbox.parse("mona@sender.example")),
                        Parameters.NONE.with("ENVID", "QQ+2B314"),
                        List.of(
                                new Recipient(
                                        Mailbox.parse("leo@example.org"),
                                        Parameters.NONE.with("ORCPT", "rfc822;info+2Bx@a.example")),
                                new Recipient(
                                        Mailbox.parse("lea@example.org"),
                                        Parameters.NONE.with("ORCPT", "utf-8;l\\x{E9}a@a.example")),
                                new Recipient(
                                        Mailbox.parse("lou@example.org"),
                                        Parameters.NONE.with("ORCPT", "rfc822;broken+xx"))));
        assertThat(text(settle(named, UNKNOWN, UNKNOWN, UNKNOWN)))
                .contains(
                        "Original-Envelope-Id: QQ+314\r\nReporting-MTA: dns; us.example\r\n",
                        "Original-Recipient: rfc822; info+x@a.example\r\n",
                        "Original-Recipient: utf-8; l\\x{E9}a@a.example\r\n")
                .doesNotContain("broken");
    }

    @ParameterizedTest
    @CsvSource({
        "m\u00f6na@sender.example, utf-8;l\\x{E9}a@a.example, utf-8; l\u00c3\u00a9a@a.example",
        "m\u00f6na@sender.example, rfc822;l+C3+A9a@a.example,  utf-8; l\u00c3\u00a9a@a.example",
        "mona@sender.example, utf-8;l\\x{E9}a@a.example, utf-8; l\\x{E9}a@a.example",
        "mona@sender.example, rfc822;l+C3+A9a@a.example,  rfc822; l+C3+A9a@a.example"
    })
    void anOriginalRecipientInUtf8IsShownWhereTheReportMayHaveIt(
            String sender, String given, String shown) {
        Envelope named =
                new Envelope(
                        ReversePath.of(Mailbox.parse(sender)),
                        Parameters.NONE.with("SMTPUTF8", ""),
                        List.of(
                                new Recipient(
                                        Mailbox.parse("lea@example.org"),
                                        Parameters.NONE.with("ORCPT", given))));
        assertThat(text(settle(named, UNKNOWN))).contains("Original-Recipient: " + shown + "\r\n");
    }

    @Test
    void aSenderCannotWriteLinesOfTheReport() {
        assertThat(
                        text(
                                settle(
                                        envelope(Map.of("ENVID", "x+0D+0AAction:+20delivered"), ""),
                                        UNKNOWN)))
                .contains("Original-Envelope-Id: x??Action: delivered\r\n")
                .doesNotContain("\nAction: delivered");
    }

    @Test
    void mailComesBackWhenTheTimeIsOverThatItsSenderGave() {
        Envelope soon = envelope(Map.of("BY", "120;R"), "");
        Settlement waiting = settle(soon, LATER);
        assertThat(waiting.next()).contains(NOON.plusSeconds(120));
        now = NOON.plusSeconds(120);
        Settlement over = settle(soon, LATER);
        assertThat(over.next()).isEmpty();
        assertThat(text(over))
                .contains(
                        "Status: 5.4.7\r\n",
                        "Deliver-By-Date: Thu, 1 Jan 2026 12:02:00 +0000\r\n",
                        "Diagnostic-Code: smtp; 450 4.2.1 Later\r\n");
    }

    @Test
    void mailGoesOnAfterItsTimeWhereTheSenderOnlyWantsToKnow() {
        Job job = job(envelope(Map.of("BY", "120;N"), "FAILURE"), LETTER);
        assertThat(settle(job, LATER).next()).contains(NOON.plusSeconds(120));
        now = NOON.plusSeconds(120);
        Settlement told = settle(job, LATER);
        assertThat(told.next()).isPresent();
        assertThat(told.marks()).containsExactly(Mark.DEADLINE_TOLD);
        assertThat(text(told)).contains("Action: delayed\r\n");
        now = NOON.plusSeconds(600);
        assertThat(settle(marked(job, told.marks()), LATER).reports()).isEmpty();
        assertThat(settle(envelope(Map.of("BY", "120;N"), "NEVER"), LATER).reports()).isEmpty();
    }

    @Test
    void theTimeThatTheSenderGaveBeginsWhenMailForLaterIsReleased() {
        Envelope later = envelope(Map.of("HOLDFOR", "604800", "BY", "120;R"), "");
        now = NOON.plus(Duration.ofDays(7));
        assertThat(settle(later, LATER).next()).contains(now.plusSeconds(120));
        now = now.plusSeconds(120);
        Settlement over = settle(later, LATER);
        assertThat(over.next()).isEmpty();
        assertThat(text(over)).contains("Deliver-By-Date: Thu, 8 Jan 2026 12:02:00 +0000\r\n");
    }

    @Test
    void theLifetimeOfMailForLaterBeginsWhenItIsReleased() {
        Job job = job(envelope(Map.of("HOLDFOR", "864000"), ""), LETTER);
        now = NOON.plus(Duration.ofDays(10));
        assertThat(settle(job, LATER).next()).isPresent();
        now = NOON.plus(Duration.ofDays(15));
        assertThat(text(settle(job, LATER)))
                .contains("Future-Release-Request: for;864000\r\n", "Status: 5.4.7\r\n");
    }
}
