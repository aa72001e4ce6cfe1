package org.posthorn.testkit.dialogue;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.api.intake.QueueUnavailableException;
import org.posthorn.smtp.EventLoops;
import org.posthorn.testkit.RecordingIntake;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// A store that is slow to write: the client waits for it, but never for nothing, and is never told
/// of what was not done.
class LateStoreTest {
    private static final EventLoops LOOPS = EventLoops.startNio(1);
    private static final String CONTENT = "Subject: late\r\n\r\nfirst\r\nlast\r\n";

    private final RecordingIntake intake = new RecordingIntake();
    private final LateIntake late = new LateIntake(intake);

    @AfterAll
    static void stop() {
        LOOPS.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 100})
    void aLastChunkIsAnsweredWhenItIsWritten(int piece) throws IOException {
        var peer = toRecipient("smtp");
        send(peer, "BDAT " + CONTENT.length() + " LAST\r\n");
        for (int at = 0; at < CONTENT.length(); at += piece) {
            late.write();
            send(peer, CONTENT.substring(at, Math.min(at + piece, CONTENT.length())));
        }
        assertThat(intake.messages()).isEmpty();
        assertThat(late.write()).isTrue();
        expect(peer, "250 2.0.0 Ok: queued");
        assertThat(intake.last().text()).endsWith(CONTENT);
    }

    @Test
    void aChunkIsAnsweredWhenItIsWritten() throws IOException {
        var peer = toRecipient("smtp");
        send(peer, "BDAT " + CONTENT.length() + "\r\n" + CONTENT);
        settle();
        expect(peer, "250 2.0.0 " + CONTENT.length() + " octets received");
        say(peer, "BDAT 0 LAST", "250 2.0.0 Ok: queued");
        assertThat(intake.last().text()).endsWith(CONTENT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Subject: ", "no header at all", "Subject: x\r\n\r", "Subject: x\r"})
    void whatWasHeldIsWrittenBeforeTheLastChunkIsAnswered(String content) throws IOException {
        var peer = toRecipient("normalise");
        send(peer, "BDAT " + content.length() + "\r\n" + content);
        late.write();
        expect(peer, "250 2.0.0 " + content.length() + " octets received");
        send(peer, "BDAT 0 LAST\r\n");
        late.write();
        expect(peer, "250 2.0.0 Ok: queued");
        assertThat(intake.last().text()).endsWith(content.replaceAll("\r\n?", "\r\n"));
        assertThat(intake.openDrafts()).isZero();
    }

    @Test
    void nothingIsAcceptedThatCannotBeWritten() throws IOException {
        var peer = toRecipient("smtp");
        send(peer, "BDAT 9\r\nSubject: ");
        expect(peer, "250 2.0.0 9 octets received");
        send(peer, "BDAT 0 LAST\r\n");
        late.fail(new QueueUnavailableException(true, "disk full"));
        expect(peer, "452 4.3.1");
        say(peer, "MAIL FROM:<>", "250 2.1.0");
        assertThat(intake.messages()).isEmpty();
        assertThat(intake.openDrafts()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 100})
    void whatFollowsDataIsAnsweredWhenItIsWritten(int piece) throws IOException {
        var peer = toRecipient("smtp");
        say(peer, "DATA", "354");
        String stuffed = CONTENT + ".\r\n";
        for (int at = 0; at < stuffed.length(); at += piece) {
            late.write();
            send(peer, stuffed.substring(at, Math.min(at + piece, stuffed.length())));
        }
        settle();
        expect(peer, "250 2.0.0 Ok: queued");
        assertThat(intake.last().text()).endsWith(CONTENT);
    }

    @Test
    void aClientThatSaidAllIsAnsweredBehindTheStore() throws IOException {
        var peer = toRecipient("smtp");
        send(peer, "BDAT " + CONTENT.length() + " LAST\r\n" + CONTENT);
        peer.advance(Duration.ofMinutes(20));
        settle();
        expect(peer, "250 2.0.0 Ok: queued");
    }

    @Test
    void theStoresTimeIsNotTheClients() throws IOException {
        var peer = toRecipient("smtp");
        for (int chunk = 0; chunk < 3; chunk++) {
            send(peer, "BDAT " + CONTENT.length() + "\r\n" + CONTENT);
            peer.advance(Duration.ofMinutes(30));
            settle();
            expect(peer, "250 2.0.0 " + CONTENT.length() + " octets received");
        }
        say(peer, "BDAT 0 LAST", "250 2.0.0 Ok: queued");
    }

    private void settle() {
        while (late.write()) {
            // What was read behind it is written next.
        }
    }

    private MemoryPeer toRecipient(String listener) throws IOException {
        var peer = new MemoryPeer(TestServers.usual(late, LOOPS), listener, "192.0.2.1");
        expect(peer, "220");
        hello(peer);
        say(peer, "MAIL FROM:<mona@example.org>", "250");
        say(peer, "RCPT TO:<leo@example.org>", "250");
        return peer;
    }

    private static void hello(MemoryPeer peer) throws IOException {
        send(peer, "EHLO x\r\n");
        String line = "";
        while (!line.startsWith("250 ")) {
            line = peer.line().orElseThrow();
        }
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
