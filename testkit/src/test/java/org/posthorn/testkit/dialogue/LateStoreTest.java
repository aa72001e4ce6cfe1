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
        peer.send("BDAT " + CONTENT.length() + " LAST\r\n");
        for (int at = 0; at < CONTENT.length(); at += piece) {
            late.write();
            peer.send(CONTENT.substring(at, Math.min(at + piece, CONTENT.length())));
        }
        assertThat(intake.messages()).isEmpty();
        assertThat(late.write()).isTrue();
        peer.expect("250 2.0.0 Ok: queued");
        assertThat(intake.last().text()).endsWith(CONTENT);
    }

    @Test
    void aChunkIsAnsweredWhenItIsWritten() throws IOException {
        var peer = toRecipient("smtp");
        peer.send("BDAT " + CONTENT.length() + "\r\n" + CONTENT);
        settle();
        peer.expect("250 2.0.0 " + CONTENT.length() + " octets received");
        peer.say("BDAT 0 LAST", "250 2.0.0 Ok: queued");
        assertThat(intake.last().text()).endsWith(CONTENT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Subject: ", "no header at all", "Subject: x\r\n\r", "Subject: x\r"})
    void whatWasHeldIsWrittenBeforeTheLastChunkIsAnswered(String content) throws IOException {
        var peer = toRecipient("normalise");
        peer.send("BDAT " + content.length() + "\r\n" + content);
        late.write();
        peer.expect("250 2.0.0 " + content.length() + " octets received");
        peer.send("BDAT 0 LAST\r\n");
        late.write();
        peer.expect("250 2.0.0 Ok: queued");
        assertThat(intake.last().text()).endsWith(content.replaceAll("\r\n?", "\r\n"));
        assertThat(intake.openDrafts()).isZero();
    }

    @Test
    void nothingIsAcceptedThatCannotBeWritten() throws IOException {
        var peer = toRecipient("smtp");
        peer.send("BDAT 9\r\nSubject: ");
        peer.expect("250 2.0.0 9 octets received");
        peer.send("BDAT 0 LAST\r\n");
        late.fail(new QueueUnavailableException(true, "disk full"));
        peer.expect("452 4.3.1");
        peer.say("MAIL FROM:<>", "250 2.1.0");
        assertThat(intake.messages()).isEmpty();
        assertThat(intake.openDrafts()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 100})
    void whatFollowsDataIsAnsweredWhenItIsWritten(int piece) throws IOException {
        var peer = toRecipient("smtp");
        peer.say("DATA", "354");
        String stuffed = CONTENT + ".\r\n";
        for (int at = 0; at < stuffed.length(); at += piece) {
            late.write();
            peer.send(stuffed.substring(at, Math.min(at + piece, stuffed.length())));
        }
        settle();
        peer.expect("250 2.0.0 Ok: queued");
        assertThat(intake.last().text()).endsWith(CONTENT);
    }

    @Test
    void aClientThatSaidAllIsAnsweredBehindTheStore() throws IOException {
        var peer = toRecipient("smtp");
        peer.send("BDAT " + CONTENT.length() + " LAST\r\n" + CONTENT);
        peer.advance(Duration.ofMinutes(20));
        settle();
        peer.expect("250 2.0.0 Ok: queued");
    }

    @Test
    void theStoresTimeIsNotTheClients() throws IOException {
        var peer = toRecipient("smtp");
        for (int chunk = 0; chunk < 3; chunk++) {
            peer.send("BDAT " + CONTENT.length() + "\r\n" + CONTENT);
            peer.advance(Duration.ofMinutes(30));
            settle();
            peer.expect("250 2.0.0 " + CONTENT.length() + " octets received");
        }
        peer.say("BDAT 0 LAST", "250 2.0.0 Ok: queued");
    }

    private void settle() {
        while (late.write()) {
            // What was read behind it is written next.
        }
    }

    private MemoryPeer toRecipient(String listener) throws IOException {
        var peer = new MemoryPeer(TestServers.usual(late, LOOPS), listener, "192.0.2.1");
        peer.expect("220");
        peer.say("EHLO x", "250");
        peer.say("MAIL FROM:<mona@example.org>", "250");
        peer.say("RCPT TO:<leo@example.org>", "250");
        return peer;
    }
}
