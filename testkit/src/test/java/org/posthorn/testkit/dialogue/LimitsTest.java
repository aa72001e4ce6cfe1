package org.posthorn.testkit.dialogue;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.posthorn.api.event.MailEvent;
import org.posthorn.api.intake.QueueUnavailableException;
import org.posthorn.api.plugin.CloseReason;
import org.posthorn.smtp.EventLoops;
import org.posthorn.smtp.server.HookChain;
import org.posthorn.smtp.server.SmtpServer;
import org.posthorn.testkit.RecordingIntake;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
        say(peer, "NOOP", "250");
        peer.advance(Duration.ofMinutes(4));
        say(peer, "HELO x", "250");
        peer.advance(Duration.ofSeconds(299));
        assertThat(peer.isOpen()).isTrue();
        peer.advance(Duration.ofSeconds(1));
        expect(peer, "421 4.4.2");
        assertThat(peer.line()).isEmpty();
        assertThat(reason()).isEqualTo(CloseReason.TIMEOUT);
    }

    @Test
    void waitsNotForEverForAClientToReadItsGoodbye() throws IOException {
        var peer = connect();
        peer.stopReading();
        send(peer, "QUIT\r\n");
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
            send(peer, "N");
            peer.advance(Duration.ofMinutes(1));
        }
        expect(peer, "421 4.4.2");
    }

    @Test
    void waitsForContentAsLongAsItComes() throws IOException {
        var peer = connect();
        toContent(peer);
        for (int minute = 0; minute < 10; minute++) {
            send(peer, "line\r\n");
            peer.advance(Duration.ofMinutes(2));
        }
        peer.advance(Duration.ofMinutes(1));
        expect(peer, "421 4.4.2");
        assertThat(intake.openDrafts()).isZero();
        assertThat(intake.messages()).isEmpty();
    }

    @Test
    void refusesOneConnectionTooManyFromAnAddress() throws IOException {
        var one = connect();
        connect();
        var three = new MemoryPeer(server, "smtp", "192.0.2.1");
        expect(three, "421 4.7.0");
        assertThat(three.line()).isEmpty();
        expect(new MemoryPeer(server, "smtp", "192.0.2.2"), "220");
        say(one, "QUIT", "221");
        assertThat(one.line()).isEmpty();
        expect(new MemoryPeer(server, "smtp", "192.0.2.1"), "220");
        assertThat(server.accepted()).isEqualTo(4);
        assertThat(server.refused()).isEqualTo(1);
        assertThat(server.sessions()).isEqualTo(3);
        assertThat(server.sessions("smtp")).isEqualTo(3);
    }

    @Test
    void refusesOneConnectionTooManyOverall() throws IOException {
        for (int i = 0; i < 100; i++) {
            expect(new MemoryPeer(server, "smtp", "192.0.2." + i), "220");
        }
        expect(new MemoryPeer(server, "smtp", "192.0.2.200"), "421 4.7.0");
    }

    @Test
    void letsNobodyInWhenItStopsAndSendsIdleSessionsHome() throws IOException {
        var idle = connect();
        say(idle, "HELO x", "250");
        assertThat(server.drain(Duration.ofSeconds(5))).isTrue();
        expect(idle, "421 4.3.2");
        assertThat(idle.line()).isEmpty();
        assertThat(reason()).isEqualTo(CloseReason.SHUTDOWN);
        expect(new MemoryPeer(server, "smtp", "192.0.2.1"), "421 4.3.2");
    }

    @Test
    void dropsWhatIsNotFinishedWithinTheBound() throws IOException {
        var peer = connect();
        toContent(peer);
        assertThat(server.drain(Duration.ZERO)).isFalse();
        assertThat(peer.line()).isEmpty();
        assertThat(intake.openDrafts()).isZero();
        assertThat(server.sessions()).isZero();
    }

    @Test
    void saysWhatTheStoreSaysWhenItTakesNoMail() throws IOException {
        var peer = connect();
        say(peer, "HELO x", "250");
        say(peer, "MAIL FROM:<>", "250");
        say(peer, "RCPT TO:<leo@example.org>", "250");
        intake.refuse(new QueueUnavailableException(true, "disk full"));
        say(peer, "DATA", "452 4.3.1");
        say(peer, "MAIL FROM:<>", "250");
        say(peer, "RCPT TO:<leo@example.org>", "250");
        intake.recover();
        say(peer, "DATA", "354");
        intake.refuse(new QueueUnavailableException(false, "I/O error"));
        say(peer, "Subject: x\r\n\r\nbody\r\n.", "451 4.3.0");
        intake.recover();
        say(peer, "MAIL FROM:<>", "250");
        say(peer, "RCPT TO:<leo@example.org>", "250");
        say(peer, "DATA", "354");
        intake.refuse(new QueueUnavailableException(true, "disk full"));
        say(peer, "Subject: header only\r\n.", "452 4.3.1");
        assertThat(intake.openDrafts()).isZero();
    }

    @Test
    void holdsNoBufferForAnIdleSession() throws IOException {
        var peer = connect();
        say(peer, "HELO client.example", "250");
        say(peer, "MAIL FROM:<>", "250");
        assertThat(peer.octetsHeld()).isZero();
        send(peer, "RCPT T");
        assertThat(peer.octetsHeld()).isLessThanOrEqualTo(16);
        say(peer, "O:<leo@example.org>", "250");
        assertThat(peer.octetsHeld()).isZero();
    }

    @Test
    void leavesNothingBehindWhereverAClientLeaves() throws IOException {
        String whole =
                "EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<leo@example.org>\r\nDATA\r\nA: b\r\n\r\nc\r\n.\r\nQUIT\r\n";
        for (int length = 0; length < whole.length(); length++) {
            var peer = new MemoryPeer(server, "smtp", "192.0.2.1");
            send(peer, whole.substring(0, length));
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

    private MemoryPeer connect() throws IOException {
        var peer = new MemoryPeer(server, "smtp", "192.0.2.1");
        expect(peer, "220");
        return peer;
    }

    private static void toContent(MemoryPeer peer) throws IOException {
        say(peer, "HELO x", "250");
        say(peer, "MAIL FROM:<mona@example.org>", "250");
        say(peer, "RCPT TO:<leo@example.org>", "250");
        say(peer, "DATA", "354");
    }

    private CloseReason reason() {
        return events.stream()
                .filter(MailEvent.Disconnected.class::isInstance)
                .map(event -> ((MailEvent.Disconnected) event).reason())
                .findFirst()
                .orElseThrow();
    }

    private static void send(MemoryPeer peer, String text) {
        peer.send(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static void say(MemoryPeer peer, String line, String reply) throws IOException {
        send(peer, line + "\r\n");
        expect(peer, reply);
    }

    private static void expect(MemoryPeer peer, String reply) throws IOException {
        assertThat(peer.line()).hasValueSatisfying(line -> assertThat(line).startsWith(reply));
    }
}
