package org.posthorn.testkit.dialogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.posthorn.testkit.dialogue.TestHooks.quick;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.posthorn.api.event.MailEvent;
import org.posthorn.api.mail.HeaderField;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.mail.ReversePath;
import org.posthorn.api.plugin.Hooks;
import org.posthorn.api.plugin.SessionHooks;
import org.posthorn.api.plugin.Verdict;
import org.posthorn.api.smtp.Reply;
import org.posthorn.smtp.EventLoops;
import org.posthorn.smtp.server.ConfiguredPlugin;
import org.posthorn.smtp.server.FailurePolicy;
import org.posthorn.smtp.server.HookChain;
import org.posthorn.smtp.server.MessageLimits;
import org.posthorn.smtp.server.SmtpLimits;
import org.posthorn.smtp.server.SmtpServer;
import org.posthorn.testkit.RecordingIntake;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// What each verdict means on the wire and for the message.
class VerdictsTest {
    private static final EventLoops LOOPS = EventLoops.startNio(1);
    private static final Reply LATER = Reply.of(450, "4.7.1", "Later");
    private static final Reply NEVER = Reply.of(550, "5.7.1", "Never");

    private final RecordingIntake intake = new RecordingIntake();
    private final List<MailEvent> events = new ArrayList<>();

    @AfterAll
    static void stop() {
        LOOPS.close();
    }

    @Test
    void acceptsARecipientByTheFirstWhoVouches() throws IOException {
        var peer = connect(rcpt(Verdict.NO_OPINION), rcpt(Verdict.ACCEPT), rcpt(reject(NEVER)));
        toRcpt(peer);
        peer.expect("250 2.1.5");
    }

    @Test
    void refusesByTheFirstWhoObjects() throws IOException {
        var peer = connect(rcpt(reject(NEVER)), rcpt(Verdict.ACCEPT));
        toRcpt(peer);
        peer.expect("550 5.7.1 Never");
        peer.say("NOOP", "250");
        assertThat(refusals())
                .singleElement()
                .satisfies(
                        refused -> {
                            assertThat(refused.command()).isEqualTo("RCPT");
                            assertThat(refused.argument()).isEqualTo("<leo@example.org>");
                            assertThat(refused.plugin()).contains("p1");
                            assertThat(refused.reply()).isEqualTo(NEVER);
                        });
    }

    @Test
    void closesTheConnectionWhenAskedTo() throws IOException {
        var peer = connect(rcpt(new Verdict.RejectAndClose(NEVER)));
        toRcpt(peer);
        peer.expect("550 5.7.1 Never");
        peer.expect("closed");
    }

    @Test
    void refusesInPlaceOfTheGreeting() throws IOException {
        var peer = open((TestHooks.Connect) _ -> reject(NEVER));
        peer.expect("550 5.7.1 Never");
        peer.expect("closed");
    }

    @Test
    void staysWhereItWasWhenEhloIsRefused() throws IOException {
        var peer =
                open(
                        (TestHooks.Ehlo)
                                (_, name) ->
                                        name.equals("bad") ? reject(NEVER) : Verdict.NO_OPINION);
        peer.expect("220");
        peer.say("EHLO bad", "550");
        peer.say("MAIL FROM:<>", "503");
        peer.say("HELO good", "250");
        peer.say("EHLO bad", "550");
        peer.say("MAIL FROM:<>", "250");
    }

    @Test
    void showsHowManyCommandsCameAtTheWrongTime() throws IOException {
        List<Integer> seen = new ArrayList<>();
        var peer =
                open(
                        (TestHooks.Mail)
                                (transaction, _, _) -> {
                                    seen.add(transaction.session().misplacedCommands());
                                    return Verdict.NO_OPINION;
                                });
        peer.expect("220");
        peer.say("RCPT TO:<leo@example.org>", "503");
        peer.say("HELO x", "250");
        peer.say("DATA", "503");
        peer.say("BDAT 0 LAST", "503");
        peer.say("WIZ", "500");
        peer.say("MAIL FROM:<>", "250");
        assertThat(seen).containsExactly(3);
    }

    @Test
    void throwsAwayWhatIsDiscardedAndTellsTheSenderThatAllIsWell() throws IOException {
        for (Hooks hooks :
                List.of(
                        quick((TestHooks.Mail) (_, _, _) -> new Verdict.Discard("spam")),
                        rcpt(new Verdict.Discard("spam")),
                        quick((TestHooks.Data) _ -> new Verdict.Discard("spam")),
                        message(new Verdict.Discard("spam")))) {
            events.clear();
            var peer = connect(hooks, rcpt(Verdict.ACCEPT));
            deliver(peer, "250 2.0.0");
            assertThat(intake.messages()).isEmpty();
            assertThat(intake.openDrafts()).isZero();
            assertThat(events)
                    .filteredOn(MailEvent.Discarded.class::isInstance)
                    .singleElement()
                    .satisfies(
                            event -> {
                                var discarded = (MailEvent.Discarded) event;
                                assertThat(discarded.plugin()).isEqualTo("p1");
                                assertThat(discarded.reason()).isEqualTo("spam");
                            });
        }
    }

    @Test
    void holdsAndQuarantines() throws IOException {
        deliver(connect(message(new Verdict.Hold("look")), rcpt(Verdict.ACCEPT)), "250");
        assertThat(intake.last().submission().hold()).contains("p1: look");
        deliver(connect(rcpt(new Verdict.Quarantine("virus"))), "250");
        assertThat(intake.last().submission().hold()).contains("quarantine by p1: virus");
    }

    @Test
    void doesNotVouchForRecipientsByHoldingAtMail() throws IOException {
        var peer = connect(quick((TestHooks.Mail) (_, _, _) -> new Verdict.Hold("look")));
        toRcpt(peer);
        peer.expect("550 5.7.1 Relaying denied");
    }

    @Test
    void redirectsInsteadOfAllRecipients() throws IOException {
        Verdict redirect = new Verdict.Redirect(Mailbox.parse("trap@example.org"));
        for (Hooks hooks : List.of(quick((TestHooks.Mail) (_, _, _) -> redirect), rcpt(redirect))) {
            deliver(connect(hooks), "250");
            assertThat(intake.last().submission().envelope().recipients())
                    .containsExactly(Recipient.of(Mailbox.parse("trap@example.org")));
        }
    }

    @Test
    void delaysTheReplyByAllDelaysTogether() throws IOException {
        Hooks delay = rcpt(new Verdict.Delay(Duration.ofSeconds(20)));
        var peer = connect(delay, delay, rcpt(Verdict.ACCEPT));
        toRcpt(peer);
        peer.advance(Duration.ofSeconds(39));
        assertThat(peer.isOpen()).isTrue();
        assertThat(silent(peer)).isTrue();
        peer.advance(Duration.ofSeconds(1));
        peer.expect("250 2.1.5");
    }

    @Test
    void boundsDelaysAtAMinute() throws IOException {
        var peer = connect(rcpt(new Verdict.Delay(Duration.ofDays(1))), rcpt(Verdict.ACCEPT));
        toRcpt(peer);
        peer.advance(Duration.ofSeconds(60));
        peer.expect("250 2.1.5");
    }

    @Test
    void defersWhatOthersLetPass() throws IOException {
        Hooks defer = rcpt(new Verdict.DeferIfPermit(LATER));
        var peer = connect(defer, rcpt(Verdict.ACCEPT));
        toRcpt(peer);
        peer.expect("450 4.7.1 Later");
        peer = connect(defer, rcpt(reject(NEVER)));
        toRcpt(peer);
        peer.expect("550 5.7.1 Never");
    }

    @Test
    void defersWhatOthersOrTheServerRefuseForGood() throws IOException {
        Hooks defer = rcpt(new Verdict.DeferIfReject(LATER));
        for (Hooks other : List.of(rcpt(reject(NEVER)), rcpt(Verdict.NO_OPINION))) {
            var peer = connect(defer, other);
            toRcpt(peer);
            peer.expect("450 4.7.1 Later");
        }
        var peer = connect(defer, rcpt(Verdict.ACCEPT));
        toRcpt(peer);
        peer.expect("250 2.1.5");
    }

    @Test
    void appliesEditsAndRecordsWhoMadeThem() throws IOException {
        var peer =
                connect(
                        quick(
                                (TestHooks.OnMessage)
                                        (transaction, message) -> {
                                            assertThat(message.headers().text("subject"))
                                                    .contains("Hi");
                                            transaction.addHeader(new HeaderField("X-Spam", "no"));
                                            transaction.removeHeaders("x-secret");
                                            transaction.metadata("score", "low");
                                            transaction.score(1.5, "test");
                                            transaction.sender(ReversePath.NULL);
                                            return Verdict.NO_OPINION;
                                        }),
                        quick(
                                (TestHooks.OnMessage)
                                        (transaction, _) -> {
                                            assertThat(transaction.score()).isEqualTo(1.5);
                                            assertThat(transaction.envelope().sender())
                                                    .isEqualTo(ReversePath.NULL);
                                            assertThat(transaction.metadata()).containsKey("score");
                                            return Verdict.NO_OPINION;
                                        }),
                        rcpt(Verdict.ACCEPT));
        deliver(peer, "250");
        RecordingIntake.Stored stored = intake.last();
        assertThat(stored.text())
                .startsWith("Received: from client.example ([192.0.2.1])\r\n")
                .endsWith("+0000\r\nX-Spam: no\r\nSubject: Hi\r\n\r\nBody\r\n");
        assertThat(stored.submission().envelope().sender()).isEqualTo(ReversePath.NULL);
        assertThat(stored.submission().metadata())
                .containsEntry("score", "low")
                .containsEntry("client", "192.0.2.1")
                .containsEntry("helo", "client.example")
                .containsEntry("protocol", "ESMTP")
                .containsEntry("listener", "smtp");
        assertThat(stored.submission().metadata().get("edits"))
                .contains("p1: adds X-Spam")
                .contains("p1: scores 1.5 for test")
                .contains("p1: sender <>");
    }

    @Test
    void throwsAMessageAwayThatHasNoRecipientLeft() throws IOException {
        var peer =
                connect(
                        quick(
                                (TestHooks.Data)
                                        transaction -> {
                                            transaction.recipients(List.of());
                                            return Verdict.NO_OPINION;
                                        }),
                        rcpt(Verdict.ACCEPT));
        deliver(peer, "250");
        assertThat(intake.messages()).isEmpty();
    }

    @Test
    void offersTheContentAsItWasSent() throws IOException {
        List<String> seen = new ArrayList<>();
        var peer =
                connect(
                        quick(
                                (TestHooks.OnMessage)
                                        (_, message) -> {
                                            seen.add(read(message.content()));
                                            return reject(LATER);
                                        }),
                        rcpt(Verdict.ACCEPT));
        deliver(peer, "450 4.7.1 Later");
        assertThat(seen).containsExactly("X-Secret: 1\r\nSubject: Hi\r\n\r\nBody\r\n");
        assertThat(intake.messages()).isEmpty();
        assertThat(intake.openDrafts()).isZero();
        peer.say("DATA", "503");
    }

    private static String read(org.posthorn.api.mail.Content content) {
        try (var stream = content.open()) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void answersForAPluginThatThrowsAsItIsConfigured() throws IOException {
        SessionHooks broken =
                (TestHooks.Rcpt)
                        (transaction, _) -> {
                            transaction.addHeader(new HeaderField("X-Half", "done"));
                            throw new IllegalStateException("broken");
                        };
        assertThat(answer(broken, FailurePolicy.TEMPFAIL)).startsWith("451 4.3.0");
        assertThat(answer(broken, FailurePolicy.REJECT)).startsWith("554 5.3.0");
        assertThat(answer(broken, FailurePolicy.IGNORE)).startsWith("250 2.1.5");
        assertThat(events)
                .filteredOn(MailEvent.PluginFailed.class::isInstance)
                .hasSize(3)
                .allSatisfy(
                        event -> {
                            var failed = (MailEvent.PluginFailed) event;
                            assertThat(failed.plugin()).isEqualTo("broken");
                            assertThat(failed.hook()).isEqualTo("rcpt");
                            assertThat(failed.failure()).contains("broken");
                        });
    }

    @Test
    void takesNoVerdictAndAVerdictOutOfPlaceAsAFailure() throws IOException {
        assertThat(answer((TestHooks.Rcpt) (_, _) -> null, FailurePolicy.TEMPFAIL))
                .startsWith("451 4.3.0");
        var peer = open((TestHooks.Connect) _ -> new Verdict.Hold("what?"));
        peer.expect("421 4.3.0");
        peer.expect("closed");
    }

    @Test
    void answersForAPluginThatCannotJoin() throws IOException {
        Hooks joinless =
                new TestHooks(
                        false,
                        () -> {
                            throw new IllegalStateException("not today");
                        });
        open(server(plugin("p", joinless, FailurePolicy.TEMPFAIL))).expect("421 4.3.0");
        assertThat(events)
                .filteredOn(MailEvent.PluginFailed.class::isInstance)
                .singleElement()
                .satisfies(
                        event ->
                                assertThat(((MailEvent.PluginFailed) event).failure())
                                        .contains("not today"));
        open(server(plugin("p", joinless, FailurePolicy.IGNORE))).expect("220");
    }

    private String answer(SessionHooks hooks, FailurePolicy policy) throws IOException {
        var peer =
                open(
                        server(
                                plugin("broken", quick(hooks), policy),
                                plugin("last", rcpt(Verdict.ACCEPT), FailurePolicy.TEMPFAIL)));
        peer.expect("220");
        toRcpt(peer);
        return peer.line().orElseThrow();
    }

    private static ConfiguredPlugin plugin(String name, Hooks hooks, FailurePolicy policy) {
        return new ConfiguredPlugin(name, hooks, Duration.ofSeconds(5), policy);
    }

    private static Verdict reject(Reply reply) {
        return Verdict.reject(reply);
    }

    private static Hooks rcpt(Verdict verdict) {
        return quick((TestHooks.Rcpt) (_, _) -> verdict);
    }

    private static Hooks message(Verdict verdict) {
        return quick((TestHooks.OnMessage) (_, _) -> verdict);
    }

    private MemoryPeer connect(Hooks... hooks) throws IOException {
        ConfiguredPlugin[] plugins = new ConfiguredPlugin[hooks.length];
        Arrays.setAll(plugins, i -> plugin("p" + (i + 1), hooks[i], FailurePolicy.TEMPFAIL));
        MemoryPeer peer = open(server(plugins));
        peer.expect("220");
        return peer;
    }

    private MemoryPeer open(SessionHooks hooks) {
        return open(server(plugin("p1", quick(hooks), FailurePolicy.TEMPFAIL)));
    }

    private static MemoryPeer open(SmtpServer server) {
        return new MemoryPeer(server, "smtp", "192.0.2.1");
    }

    private SmtpServer server(ConfiguredPlugin... plugins) {
        return TestServers.server(
                SmtpLimits.DEFAULT,
                MessageLimits.DEFAULT,
                Optional.empty(),
                new HookChain(List.of(plugins)),
                intake,
                events::add,
                LOOPS);
    }

    private static void toRcpt(MemoryPeer peer) throws IOException {
        peer.say("HELO client.example", "250");
        peer.say("MAIL FROM:<mona@example.org>", "250");
        peer.send("RCPT TO:<leo@example.org>\r\n");
    }

    private static void deliver(MemoryPeer peer, String reply) throws IOException {
        peer.say("EHLO client.example", "250");
        peer.say("MAIL FROM:<mona@example.org>", "250");
        peer.say("RCPT TO:<leo@example.org>", "250");
        peer.say("DATA", "354");
        peer.say("X-Secret: 1\r\nSubject: Hi\r\n\r\nBody\r\n.", reply);
    }

    private static boolean silent(MemoryPeer peer) {
        try {
            return peer.line().isEmpty();
        } catch (IOException e) {
            return true;
        }
    }

    private List<MailEvent.Refused> refusals() {
        return events.stream()
                .filter(MailEvent.Refused.class::isInstance)
                .map(MailEvent.Refused.class::cast)
                .toList();
    }
}
