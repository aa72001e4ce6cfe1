package org.posthorn.testkit.dialogue;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.posthorn.api.event.MailEvent;
import org.posthorn.api.intake.QueueUnavailableException;
import org.posthorn.api.plugin.CloseReason;
import org.posthorn.api.plugin.Verdict;
import org.posthorn.smtp.EventLoops;
import org.posthorn.smtp.server.ClientLimits;
import org.posthorn.smtp.server.ConfiguredPlugin;
import org.posthorn.smtp.server.HookChain;
import org.posthorn.smtp.server.ListenerConfig;
import org.posthorn.smtp.server.PaceLimits;
import org.posthorn.smtp.server.SmtpLimits;
import org.posthorn.smtp.server.SmtpServer;
import org.posthorn.testkit.ManualClock;
import org.posthorn.testkit.RecordingIntake;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Time, connections, and the end of the server, in memory.
class LimitsTest {
    private static final EventLoops LOOPS = EventLoops.startNio(1);

    private final RecordingIntake intake = new RecordingIntake();
    private final List<MailEvent> events = new ArrayList<>();
    private final SmtpServer server =
            TestServers.server(
                    TestServers.SMALL_LIMITS,
                    TestServers.SMALL_MESSAGES,
                    Optional.empty(),
                    new HookChain(
                            List.of(
                                    TestServers.plugin(
                                            "relay", TestServers.forDomain("example.org")))),
                    intake,
                    events::add,
                    LOOPS);

    @AfterAll
    static void stop() {
        LOOPS.close();
    }

    @Test
    void endsASilentSessionAfterFiveMinutes() throws IOException {
        var peer = connect();
        peer.advance(Duration.ofMinutes(4));
        peer.say("NOOP", "250");
        peer.advance(Duration.ofMinutes(4));
        peer.say("HELO x", "250");
        peer.advance(Duration.ofSeconds(299));
        assertThat(peer.isOpen()).isTrue();
        peer.advance(Duration.ofSeconds(1));
        peer.expect("421 4.4.2");
        peer.expect("closed");
        assertThat(reason()).isEqualTo(CloseReason.TIMEOUT);
    }

    @Test
    void waitsNotForEverForAClientToReadItsGoodbye() throws IOException {
        var peer = connect();
        peer.stopReading();
        peer.send("QUIT\r\n");
        peer.advance(Duration.ofSeconds(29));
        assertThat(peer.isOpen()).isTrue();
        peer.advance(Duration.ofSeconds(1));
        assertThat(peer.isOpen()).isFalse();
        assertThat(reason()).isEqualTo(CloseReason.QUIT);
    }

    @Test
    void doesNotWaitLongerForACommandThatDripsIn() throws IOException {
        var peer = connect();
        for (int minute = 0; minute < 5; minute++) {
            peer.send("N");
            peer.advance(Duration.ofMinutes(1));
        }
        peer.expect("421 4.4.2");
    }

    @Test
    void waitsForContentAsLongAsItComes() throws IOException {
        var peer = connect();
        toContent(peer);
        for (int minute = 0; minute < 10; minute++) {
            peer.send("a line of some length\r\n".repeat(250));
            peer.advance(Duration.ofMinutes(1));
        }
        peer.advance(Duration.ofMinutes(2));
        peer.expect("421 4.4.2 Silent for too long");
        assertThat(intake.openDrafts()).isZero();
        assertThat(intake.messages()).isEmpty();
    }

    @Test
    void endsContentThatDrips() throws IOException {
        var peer = connect();
        toContent(peer);
        for (int minute = 0; minute < 3; minute++) {
            peer.send("line\r\n");
            peer.advance(Duration.ofMinutes(1));
        }
        assertThat(peer.isOpen()).isTrue();
        peer.send("line\r\n");
        peer.expect("421 4.4.2 Content comes too slowly");
        peer.expect("closed");
        assertThat(intake.openDrafts()).isZero();
        assertThat(reason()).isEqualTo(CloseReason.TIMEOUT);
    }

    @Test
    void saysWhyAChunkWasRefusedThatTakesTooLong() throws IOException {
        var peer = connect();
        peer.say("HELO x", "250");
        peer.send("BDAT 60000 LAST\r\n");
        for (int minute = 0; minute < 6; minute++) {
            peer.send("x".repeat(9000));
            peer.advance(Duration.ofMinutes(1));
        }
        peer.expect("503 5.5.1 MAIL comes first");
        peer.expect("closed");
        assertThat(reason()).isEqualTo(CloseReason.TIMEOUT);
    }

    @Test
    void endsAMessageThatTakesAnHour() throws IOException {
        var peer = connect();
        toContent(peer);
        for (int minute = 0; minute < 60; minute++) {
            peer.send("a line of some length\r\n".repeat(250).substring(0, 3100));
            peer.advance(Duration.ofMinutes(1));
        }
        peer.send("x");
        peer.expect("552 5.3.4");
        peer.expect("closed");
        var big = new MemoryPeer(TestServers.usual(intake, LOOPS), "smtp", "192.0.2.1");
        big.expect("220");
        toContent(big);
        for (int minute = 0; minute < 60; minute++) {
            big.send("a line of some length\r\n".repeat(250));
            big.advance(Duration.ofMinutes(1));
        }
        big.send("x");
        big.expect("421 4.4.2 The message takes too long");
        big.expect("closed");
        assertThat(intake.openDrafts()).isZero();
    }

    @Test
    void endsChunksThatDrip() throws IOException {
        var peer = connect();
        toRecipient(peer);
        chunk(peer, "x");
        peer.advance(Duration.ofMinutes(2));
        chunk(peer, "x");
        peer.advance(Duration.ofMinutes(2));
        peer.send("BDAT 1\r\nx");
        peer.expect("421 4.4.2 Content comes too slowly");
        peer.expect("closed");
        assertThat(intake.openDrafts()).isZero();
        assertThat(reason()).isEqualTo(CloseReason.TIMEOUT);
    }

    @Test
    void endsAMessageInChunksThatTakesAnHour() throws IOException {
        PaceLimits usual = PaceLimits.DEFAULT;
        SmtpServer patient =
                server(
                        new PaceLimits(
                                Duration.ZERO,
                                usual.handshakeTimeout(),
                                usual.messageTimeout(),
                                usual.minRate(),
                                Duration.ofHours(2)));
        var peer = new MemoryPeer(patient, "smtp", "192.0.2.1");
        peer.expect("220");
        toRecipient(peer);
        String lines = "a line of some len\r\n".repeat(275);
        for (int minute = 0; minute < 60; minute++) {
            chunk(peer, lines);
            peer.advance(Duration.ofMinutes(1));
        }
        peer.send("BDAT 5500\r\n" + lines);
        peer.expect("421 4.4.2 The message takes too long");
        peer.expect("closed");
        assertThat(intake.openDrafts()).isZero();
    }

    @Test
    void takesNoChunkForAMessage() throws IOException {
        var peer = new MemoryPeer(TestServers.usual(intake, LOOPS), "smtp", "192.0.2.1");
        peer.expect("220");
        toRecipient(peer);
        String lines = "a line of some len\r\n".repeat(275);
        for (int minute = 0; minute < 60; minute++) {
            chunk(peer, lines);
            peer.advance(Duration.ofMinutes(1));
        }
        peer.say("NOOP", "421 4.4.2 Too long without a message");
        peer.expect("closed");
        assertThat(intake.openDrafts()).isZero();
    }

    @Test
    void countsTheTimeOfEachMessageAnew() throws IOException {
        var peer = connect();
        peer.say("EHLO x", "250");
        for (String end : List.of("RSET", "BDAT 0 LAST", "BDAT 2 LAST\r\n", "RSET")) {
            peer.say("MAIL FROM:<mona@example.org>", "250");
            peer.say("RCPT TO:<leo@example.org>", "250");
            chunk(peer, "x");
            peer.advance(Duration.ofMinutes(2));
            peer.say(end, "250");
        }
    }

    @Test
    void dropsNoContentForEver() throws IOException {
        var peer = connect();
        toContent(peer);
        peer.send("a line of some length\r\n".repeat(3000));
        for (int minute = 0; minute < 3; minute++) {
            assertThat(peer.isOpen()).isTrue();
            peer.advance(Duration.ofMinutes(1));
            peer.send("a line of some length\r\n".repeat(1000));
        }
        peer.expect("552 5.3.4 Message too big");
        peer.expect("closed");
    }

    @Test
    void endsASessionThatBringsNoMessage() throws IOException {
        var peer = connect();
        for (int minute = 0; minute < 59; minute++) {
            peer.advance(Duration.ofMinutes(1));
            peer.say("NOOP", "250");
        }
        peer.advance(Duration.ofMinutes(1));
        peer.say("NOOP", "421 4.4.2 Too long without a message");
        peer.expect("closed");
    }

    @Test
    void letsASessionGoOnThatBringsMessages() throws IOException {
        var peer = connect();
        for (int minute = 0; minute < 120; minute++) {
            peer.advance(Duration.ofMinutes(1));
            peer.say("HELO x", "250");
            if (minute % 30 == 0) {
                toContent(peer);
                peer.say(".", "250");
            }
        }
    }

    @Test
    void seesWhoSpeaksBeforeTheGreeting() throws IOException {
        List<Boolean> seen = new ArrayList<>();
        TestHooks.Connect noting =
                session -> {
                    seen.add(session.talkedEarly());
                    return Verdict.NO_OPINION;
                };
        PaceLimits usual = PaceLimits.DEFAULT;
        var slow =
                new PaceLimits(
                        Duration.ofSeconds(2),
                        usual.handshakeTimeout(),
                        usual.messageTimeout(),
                        usual.minRate(),
                        usual.sessionTimeout());
        SmtpServer delaying = server(slow, TestServers.plugin("noting", TestHooks.quick(noting)));
        var early = new MemoryPeer(delaying, "smtp", "192.0.2.1");
        early.send("EHLO spam.example\r\n");
        early.advance(Duration.ofSeconds(1));
        assertThat(seen).isEmpty();
        early.advance(Duration.ofSeconds(1));
        early.expect("220");
        early.expect("250");
        var patient = new MemoryPeer(delaying, "smtp", "192.0.2.2");
        patient.advance(Duration.ofSeconds(2));
        patient.expect("220");
        patient.say("HELO x", "250");
        assertThat(seen).containsExactly(true, false);
        assertThat(events.stream().filter(MailEvent.TalkedEarly.class::isInstance)).hasSize(1);
    }

    @Test
    void refusesOneConnectionTooManyFromAnAddress() throws IOException {
        var one = connect();
        connect();
        var three = new MemoryPeer(server, "smtp", "192.0.2.1");
        three.expect("421 4.7.0");
        three.expect("closed");
        new MemoryPeer(server, "smtp", "192.0.2.2").expect("220");
        one.say("QUIT", "221");
        one.expect("closed");
        new MemoryPeer(server, "smtp", "192.0.2.1").expect("220");
        assertThat(server.accepted()).isEqualTo(4);
        assertThat(server.refused()).isEqualTo(1);
        assertThat(server.sessions()).isEqualTo(3);
        assertThat(server.sessions("smtp")).isEqualTo(3);
    }

    @Test
    void refusesOneConnectionTooManyOverall() throws IOException {
        for (int i = 0; i < 100; i++) {
            new MemoryPeer(server, "smtp", "192.0.2." + i).expect("220");
        }
        new MemoryPeer(server, "smtp", "192.0.2.200").expect("421 4.7.0");
    }

    @Test
    void letsNobodyInWhenItStopsAndSendsIdleSessionsHome() throws IOException {
        var idle = connect();
        idle.say("HELO x", "250");
        assertThat(server.drain(Duration.ofSeconds(5))).isTrue();
        idle.expect("421 4.3.2");
        idle.expect("closed");
        assertThat(reason()).isEqualTo(CloseReason.SHUTDOWN);
        new MemoryPeer(server, "smtp", "192.0.2.1").expect("421 4.3.2");
    }

    @Test
    void dropsWhatIsNotFinishedWithinTheBound() throws IOException {
        var peer = connect();
        toContent(peer);
        assertThat(server.drain(Duration.ZERO)).isFalse();
        peer.expect("closed");
        assertThat(intake.openDrafts()).isZero();
        assertThat(server.sessions()).isZero();
    }

    @Test
    void saysWhatTheStoreSaysWhenItTakesNoMail() throws IOException {
        var peer = connect();
        peer.say("HELO x", "250");
        peer.say("MAIL FROM:<>", "250");
        peer.say("RCPT TO:<leo@example.org>", "250");
        intake.refuse(new QueueUnavailableException(true, "disk full"));
        peer.say("DATA", "452 4.3.1");
        peer.say("MAIL FROM:<>", "250");
        peer.say("RCPT TO:<leo@example.org>", "250");
        intake.recover();
        peer.say("DATA", "354");
        intake.refuse(new QueueUnavailableException(false, "I/O error"));
        peer.say("Subject: x\r\n\r\nbody\r\n.", "451 4.3.0");
        intake.recover();
        peer.say("MAIL FROM:<>", "250");
        peer.say("RCPT TO:<leo@example.org>", "250");
        peer.say("DATA", "354");
        intake.refuse(new QueueUnavailableException(true, "disk full"));
        peer.say("Subject: header only\r\n.", "452 4.3.1");
        assertThat(intake.openDrafts()).isZero();
    }

    @Test
    void holdsNoBufferForAnIdleSession() throws IOException {
        var peer = connect();
        peer.say("HELO client.example", "250");
        peer.say("MAIL FROM:<>", "250");
        assertThat(peer.octetsHeld()).isZero();
        peer.send("RCPT T");
        assertThat(peer.octetsHeld()).isLessThanOrEqualTo(16);
        peer.say("O:<leo@example.org>", "250");
        assertThat(peer.octetsHeld()).isZero();
    }

    @Test
    void leavesNothingBehindWhereverAClientLeaves() throws IOException {
        String whole =
                "BDAT 2\r\nxxEHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<leo@example.org>\r\n"
                        + "BDAT 5\r\nA: b\rBDAT 3 LAST\r\n\nc\rMAIL FROM:<> PRDR\r\n"
                        + "RCPT TO:<leo@example.org>\r\nDATA\r\nA: b\r\n\r\nc\r\n.\r\nQUIT\r\n";
        for (int length = 0; length < whole.length(); length++) {
            var peer = new MemoryPeer(server, "smtp", "192.0.2.1");
            peer.send(whole.substring(0, length));
            peer.close();
            assertThat(peer.octetsHeld()).isZero();
        }
        assertThat(server.sessions()).isZero();
        assertThat(server.sessions("smtp")).isZero();
        assertThat(intake.openDrafts()).isZero();
        assertThat(events.stream().filter(MailEvent.Connected.class::isInstance))
                .hasSize(whole.length());
        assertThat(events.stream().filter(MailEvent.Disconnected.class::isInstance))
                .hasSize(whole.length());
    }

    private SmtpServer server(PaceLimits pace, ConfiguredPlugin... plugins) {
        return TestServers.with(
                Map.of(
                        "smtp",
                        ListenerConfig.of(
                                "127.0.0.1", 0, ListenerConfig.Kind.SMTP, ListenerConfig.Tls.NONE)),
                SmtpLimits.DEFAULT.with(0, 10, pace, ClientLimits.DEFAULT),
                Optional.empty(),
                intake,
                events::add,
                ManualClock.atNoon(),
                LOOPS,
                plugins);
    }

    private MemoryPeer connect() throws IOException {
        var peer = new MemoryPeer(server, "smtp", "192.0.2.1");
        peer.expect("220");
        return peer;
    }

    private static void toContent(MemoryPeer peer) throws IOException {
        toRecipient(peer);
        peer.say("DATA", "354");
    }

    private static void toRecipient(MemoryPeer peer) throws IOException {
        peer.say("EHLO x", "250");
        peer.say("MAIL FROM:<mona@example.org>", "250");
        peer.say("RCPT TO:<leo@example.org>", "250");
    }

    private CloseReason reason() {
        return events.stream()
                .filter(MailEvent.Disconnected.class::isInstance)
                .map(event -> ((MailEvent.Disconnected) event).reason())
                .findFirst()
                .orElseThrow();
    }

    private static void chunk(MemoryPeer peer, String octets) throws IOException {
        peer.send("BDAT " + octets.length() + "\r\n" + octets);
        peer.expect("250 2.0.0 " + octets.length() + " octets received");
    }
}
