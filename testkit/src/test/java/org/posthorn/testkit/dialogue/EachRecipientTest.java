package org.posthorn.testkit.dialogue;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.posthorn.api.event.MailEvent;
import org.posthorn.api.intake.QueueUnavailableException;
import org.posthorn.api.plugin.SessionHooks;
import org.posthorn.api.plugin.Verdict;
import org.posthorn.api.smtp.Reply;
import org.posthorn.smtp.EventLoops;
import org.posthorn.smtp.server.HookChain;
import org.posthorn.smtp.server.MessageLimits;
import org.posthorn.smtp.server.SmtpLimits;
import org.posthorn.testkit.RecordingIntake;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Where each recipient gets a reply of its own, plugins can refuse one alone.
class EachRecipientTest {
    private static final EventLoops LOOPS = EventLoops.startNio(1);
    private static final Verdict NOT_FOR_NINA =
            new Verdict.Reject(Reply.of(550, "5.7.1", "Not for her"));
    private static final Verdict LATER = new Verdict.Reject(Reply.of(450, "4.2.0", "Later"));

    private final RecordingIntake intake = new RecordingIntake();
    private final List<MailEvent> events = new ArrayList<>();

    @AfterAll
    static void stop() {
        LOOPS.close();
    }

    @Test
    void lmtpTellsEachRecipientsFate() throws IOException {
        var peer = connect("lmtp", refusing("nina", NOT_FOR_NINA), "");
        assertThat(send(peer, 3)).containsExactly("250 2.0.0", "550 5.7.1", "250 2.0.0");
        assertThat(recipients()).containsExactly("leo@example.org");
        assertThat(intake.last().text()).contains(" with LMTP id ");
        assertThat(events)
                .filteredOn(MailEvent.Refused.class::isInstance)
                .singleElement()
                .extracting(it -> ((MailEvent.Refused) it).argument())
                .isEqualTo("nina@example.org");
    }

    @Test
    void prdrTellsEachRecipientsFateAndThatOfTheWhole() throws IOException {
        var peer = connect("smtp", refusing("nina", NOT_FOR_NINA), " PRDR");
        assertThat(send(peer, 5))
                .containsExactly("353 One r", "250 2.0.0", "550 5.7.1", "250 2.0.0", "250 2.0.0");
        assertThat(recipients()).containsExactly("leo@example.org");
    }

    @Test
    void withoutPrdrNobodyIsAskedForOneRecipient() throws IOException {
        var peer = connect("smtp", refusing("nina", NOT_FOR_NINA), "");
        assertThat(send(peer, 1)).containsExactly("250 2.0.0");
        assertThat(recipients()).containsExactly("leo@example.org", "nina@example.org");
    }

    @Test
    void whatIsRefusedForAllIsNotCommitted() throws IOException {
        var peer = connect("smtp", refusing("", NOT_FOR_NINA), " PRDR");
        assertThat(send(peer, 5).getLast()).isEqualTo("550 5.5.0");
        peer = connect("smtp", refusing("", LATER), " PRDR");
        assertThat(send(peer, 5).getLast()).isEqualTo("450 4.5.0");
        peer = connect("lmtp", refusing("", LATER), "");
        assertThat(send(peer, 3)).containsOnly("450 4.2.0");
        assertThat(intake.messages()).isEmpty();
        assertThat(intake.openDrafts()).isZero();
    }

    @Test
    void aRefusalOfTheWholeMessageIsToldToEachByLmtpAndOnceByPrdr() throws IOException {
        SessionHooks whole = (TestHooks.OnMessage) (_, _) -> NOT_FOR_NINA;
        assertThat(send(connect("lmtp", whole, ""), 3)).containsOnly("550 5.7.1");
        assertThat(send(connect("smtp", whole, " PRDR"), 1)).containsExactly("550 5.7.1");
    }

    @Test
    void aVerdictOnTheWholeDoesNotFitOneRecipient() throws IOException {
        SessionHooks hooks = (TestHooks.ForOne) (_, _, _) -> new Verdict.Discard("all of it");
        var peer = connect("lmtp", hooks, "");
        assertThat(send(peer, 3)).containsOnly("451 4.3.0");
        assertThat(intake.messages()).isEmpty();
    }

    @Test
    void aStoreThatFailsIsToldToEachByLmtp() throws IOException {
        var peer = connect("lmtp", refusing("nina", NOT_FOR_NINA), "");
        intake.refuse(new QueueUnavailableException(true, "disk full"));
        peer.send(octets(".\r\n"));
        assertThat(replies(peer, 3)).containsOnly("452 4.3.1");
        intake.recover();
        assertThat(intake.openDrafts()).isZero();
    }

    @Test
    void theConnectionEndsBehindTheLastReply() throws IOException {
        var close = new Verdict.RejectAndClose(Reply.of(550, "5.7.1", "Go"));
        var peer = connect("lmtp", refusing("nina", close), "");
        assertThat(send(peer, 3)).containsExactly("250 2.0.0", "550 5.7.1", "250 2.0.0");
        assertThat(peer.line()).isEmpty();
        assertThat(recipients()).containsExactly("leo@example.org");
    }

    private static SessionHooks refusing(String name, Verdict verdict) {
        return (TestHooks.ForOne)
                (_, recipient, _) ->
                        recipient.mailbox().toString().startsWith(name)
                                ? verdict
                                : Verdict.NO_OPINION;
    }

    private List<String> recipients() {
        return intake.last().submission().envelope().recipients().stream()
                .map(it -> it.mailbox().toString())
                .toList();
    }

    /// Connects, and gets as far as `354`, for Leo, Nina, and Leo again.
    private MemoryPeer connect(String listener, SessionHooks hooks, String parameters)
            throws IOException {
        var chain =
                new HookChain(
                        List.of(
                                TestServers.plugin("p1", TestHooks.quick(hooks)),
                                TestServers.plugin("relay", TestServers.forDomain("example.org"))));
        var server =
                TestServers.server(
                        SmtpLimits.DEFAULT,
                        MessageLimits.DEFAULT,
                        Optional.empty(),
                        chain,
                        intake,
                        events::add,
                        LOOPS);
        var peer = new MemoryPeer(server, listener, "192.0.2.1");
        peer.send(
                octets(
                        (listener.equals("lmtp") ? "LHLO" : "EHLO")
                                + " client.example\r\nMAIL FROM:<mona@elsewhere.example>"
                                + parameters
                                + "\r\nRCPT TO:<leo@example.org>\r\nRCPT TO:<nina@example.org>\r\n"
                                + "RCPT TO:<leo@example.org>\r\nDATA\r\n"));
        assertThat(replies(peer, 7)).last().asString().startsWith("354");
        return peer;
    }

    private static List<String> send(MemoryPeer peer, int count) throws IOException {
        peer.send(octets("Subject: x\r\n\r\nbody\r\n.\r\n"));
        return replies(peer, count);
    }

    /// Reads so many replies; of each, code and status.
    private static List<String> replies(MemoryPeer peer, int count) throws IOException {
        List<String> replies = new ArrayList<>();
        while (replies.size() < count) {
            String line = peer.line().orElseThrow();
            if (line.charAt(3) == ' ') {
                replies.add(line.substring(0, Math.min(9, line.length())));
            }
        }
        return replies;
    }

    private static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
