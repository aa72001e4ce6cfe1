package org.posthorn.server.log;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

import org.junit.jupiter.api.Test;
import org.posthorn.api.delivery.Outcome;
import org.posthorn.api.delivery.ReplyClass;
import org.posthorn.api.event.MailEvent;
import org.posthorn.api.mail.Domain;
import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.MessageId;
import org.posthorn.api.mail.Parameters;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.mail.ReversePath;
import org.posthorn.api.plugin.CloseReason;
import org.posthorn.api.plugin.Session;
import org.posthorn.api.smtp.Reply;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

class LogLineTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00.123456Z");
    private static final String AT = "at=2026-01-01T12:00:00.123Z";
    private static final MessageId ID = new MessageId("7Kx0000001");
    private static final InetSocketAddress CLIENT =
            new InetSocketAddress(InetAddress.ofLiteral("192.0.2.7"), 4321);
    private static final Mailbox LEO = Mailbox.parse("leo@example.net");
    private static final Mailbox IDA = Mailbox.parse("ida@example.net");
    private static final Envelope ENVELOPE =
            Envelope.from(ReversePath.of(Mailbox.parse("mona@example.org")), Parameters.NONE)
                    .to(Recipient.of(LEO))
                    .to(Recipient.of(IDA));

    @Test
    void beginsWithTheMessagesIdWhereThereIsOne() {
        assertThat(
                        LogLine.of(
                                new MailEvent.Accepted(
                                        NOON,
                                        ID,
                                        Optional.of("s1"),
                                        ENVELOPE,
                                        1234,
                                        Optional.empty())))
                .isEqualTo(
                        "id=7Kx0000001 event=accepted "
                                + AT
                                + " from=<mona@example.org>"
                                + " to=<leo@example.net>,<ida@example.net> size=1234 session=s1");
    }

    @Test
    void tellsThatTheStoreHasFailedAndThatItWorksAgain() {
        assertThat(LogLine.of(new MailEvent.StoreFailed(NOON, "the disk is read-only")))
                .isEqualTo("event=store-failed " + AT + " problem=\"the disk is read-only\"");
        assertThat(LogLine.of(new MailEvent.StoreResumed(NOON)))
                .isEqualTo("event=store-resumed " + AT);
    }

    @Test
    void tellsWhatTlsIsLike() {
        var certificate = new Session.ClientCertificate("CN=mona, O=x", List.of(), "00ff", true);
        var tls =
                new Session.Tls(
                        "TLSv1.3",
                        "TLS_AES_128_GCM_SHA256",
                        Optional.of(new Domain.Name("mx.example.org")),
                        Optional.of(certificate));
        assertThat(LogLine.of(new MailEvent.Secured(NOON, "s1", CLIENT, tls)))
                .isEqualTo(
                        "event=secured "
                                + AT
                                + " session=s1 client=192.0.2.7:4321 protocol=TLSv1.3"
                                + " cipher=TLS_AES_128_GCM_SHA256 server-name=mx.example.org"
                                + " certificate=\"CN=mona, O=x\" sha256=00ff verified=true");
    }

    @Test
    void tellsWhyAMessageIsHeld() {
        assertThat(
                        LogLine.of(
                                new MailEvent.Accepted(
                                        NOON,
                                        ID,
                                        Optional.empty(),
                                        ENVELOPE,
                                        1,
                                        Optional.of("looks odd"))))
                .endsWith(" size=1 hold=\"looks odd\"");
    }

    @Test
    void tellsOfConnections() {
        assertThat(LogLine.of(new MailEvent.Connected(NOON, "s1", "smtp", CLIENT)))
                .isEqualTo(
                        "event=connected "
                                + AT
                                + " session=s1 listener=smtp client=192.0.2.7:4321");
        assertThat(
                        LogLine.of(
                                new MailEvent.Disconnected(
                                        NOON, "s1", CLIENT, CloseReason.CLIENT_LEFT, 2)))
                .isEqualTo(
                        "event=disconnected "
                                + AT
                                + " session=s1 client=192.0.2.7:4321 reason=client-left messages=2");
    }

    @Test
    void tellsWhoAuthenticatedAndWhoFailedTo() {
        assertThat(
                        LogLine.of(
                                new MailEvent.Authenticated(
                                        NOON, "s1", CLIENT, "PLAIN", "mona", "auth-file")))
                .isEqualTo(
                        "event=authenticated "
                                + AT
                                + " session=s1 client=192.0.2.7:4321 mechanism=PLAIN name=mona"
                                + " plugin=auth-file");
        assertThat(
                        LogLine.of(
                                new MailEvent.AuthenticationFailed(
                                        NOON, "s1", CLIENT, "PLAIN", "a b\n", "no such account")))
                .isEqualTo(
                        "event=authentication-failed "
                                + AT
                                + " session=s1 client=192.0.2.7:4321 mechanism=PLAIN"
                                + " name=\"a b\\u000a\" reason=\"no such account\"");
    }

    @Test
    void tellsWhoRefusedWhat() {
        assertThat(
                        LogLine.of(
                                new MailEvent.Refused(
                                        NOON,
                                        "s1",
                                        CLIENT,
                                        "RCPT",
                                        "<leo@example.net>",
                                        Optional.of("dnsbl"),
                                        Reply.of(550, "5.7.1", "No"))))
                .isEqualTo(
                        "event=refused "
                                + AT
                                + " session=s1 client=192.0.2.7:4321 command=RCPT"
                                + " argument=<leo@example.net> plugin=dnsbl reply=\"550 5.7.1 No\"");
    }

    @Test
    void tellsOfPlugins() {
        assertThat(LogLine.of(new MailEvent.PluginFailed(NOON, "s1", "dnsbl#2", "rcpt", "late")))
                .isEqualTo(
                        "event=plugin-failed "
                                + AT
                                + " session=s1 plugin=dnsbl#2 hook=rcpt failure=late");
        assertThat(LogLine.of(new MailEvent.Discarded(NOON, "s1", ENVELOPE, "trap", "spam")))
                .endsWith("plugin=trap reason=spam");
    }

    @Test
    void tellsOfAttempts() {
        Outcome outcome = new Outcome.Deferred(Reply.of(451, "4.3.0", "Later"));
        assertThat(
                        LogLine.of(
                                new MailEvent.Attempted(
                                        NOON,
                                        ID,
                                        LEO,
                                        "smtp",
                                        "mx.example.net[192.0.2.1]:25",
                                        outcome,
                                        Optional.of(ReplyClass.BUSY),
                                        1,
                                        Optional.of(NOON))))
                .isEqualTo(
                        "id=7Kx0000001 event=deferred "
                                + AT
                                + " to=<leo@example.net> transport=smtp"
                                + " remote=mx.example.net[192.0.2.1]:25 reply=\"451 4.3.0 Later\""
                                + " class=busy attempt=1 next=2026-01-01T12:00:00.123456Z");
    }

    @Test
    void tellsOfTheEnd() {
        MessageId bounce = new MessageId("7Kx0000002");
        assertThat(
                        LogLine.of(
                                new MailEvent.Bounced(
                                        NOON, ID, bounce, ENVELOPE.sender(), List.of(LEO, IDA))))
                .isEqualTo(
                        "id=7Kx0000001 event=bounced "
                                + AT
                                + " bounce=7Kx0000002"
                                + " to=<mona@example.org> recipients=<leo@example.net>,<ida@example.net>");
        assertThat(
                        LogLine.of(
                                new MailEvent.BounceDiscarded(
                                        NOON, ID, List.of(Mailbox.parse("leo@example.net")))))
                .isEqualTo(
                        "id=7Kx0000001 event=bounce-discarded "
                                + AT
                                + " recipients=<leo@example.net>");
        assertThat(LogLine.of(new MailEvent.Finished(NOON, ID)))
                .isEqualTo("id=7Kx0000001 event=finished " + AT);
        assertThat(LogLine.of(new MailEvent.Operated(NOON, ID, "delete", "", "mona", "", 2)))
                .isEqualTo(
                        "id=7Kx0000001 event=operated " + AT + " operation=delete who=mona jobs=2");
        assertThat(
                        LogLine.of(
                                new MailEvent.Operated(
                                        NOON, ID, "redirect", "mx", "mona", "it is back", 1)))
                .isEqualTo(
                        "id=7Kx0000001 event=operated "
                                + AT
                                + " operation=redirect detail=mx who=mona why=\"it is back\" jobs=1");
        assertThat(
                        LogLine.of(
                                new MailEvent.Notified(
                                        NOON,
                                        ID,
                                        new MessageId("8Kx0000002"),
                                        ReversePath.of(Mailbox.parse("mona@example.org")),
                                        "delayed",
                                        List.of(Mailbox.parse("leo@example.net")))))
                .isEqualTo(
                        "id=7Kx0000001 event=notified "
                                + AT
                                + " report=8Kx0000002 action=delayed to=<mona@example.org>"
                                + " recipients=<leo@example.net>");
    }

    @Test
    void quotesWhatCouldBeTakenForMore() {
        assertThat(failure("")).endsWith("failure=\"\"");
        assertThat(failure("a b")).endsWith("failure=\"a b\"");
        assertThat(failure("say \"no\"")).endsWith("failure=\"say \\\"no\\\"\"");
        assertThat(failure("a\\b")).endsWith("failure=\"a\\\\b\"");
        assertThat(failure("a\nid=1 event=accepted"))
                .endsWith("failure=\"a\\u000aid=1 event=accepted\"");
        assertThat(failure("\u001b[2J")).endsWith("failure=\"\\u001b[2J\"");
        assertThat(failure("a\u2028b")).endsWith("failure=\"a\\u2028b\"");
        assertThat(failure("a\u202eb")).endsWith("failure=\"a\\u202eb\"");
    }

    @Property(tries = 500)
    void nothingThatIsSaidMakesALineOrAPairOfItsOwn(@ForAll String text) {
        String line = failure(text);
        String value = line.substring(line.indexOf(" failure=") + " failure=".length());
        assertThat(line.codePoints().noneMatch(c -> c < 0x20 || c == 0x85 || c == 0x2028)).isTrue();
        if (value.startsWith("\"")) {
            String inner = value.substring(1, value.length() - 1);
            assertThat(inner.replace("\\\\", "").replace("\\\"", "")).doesNotContain("\"");
        } else {
            assertThat(value).isEqualTo(text).doesNotContain(" ", "\"");
        }
    }

    private static String failure(String text) {
        return LogLine.of(new MailEvent.PluginFailed(NOON, "s1", "p", "rcpt", text));
    }
}
