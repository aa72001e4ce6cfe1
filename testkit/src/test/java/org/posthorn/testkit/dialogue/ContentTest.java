package org.posthorn.testkit.dialogue;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.api.intake.Draft;
import org.posthorn.api.intake.Intake;
import org.posthorn.api.intake.QueueUnavailableException;
import org.posthorn.api.intake.Submission;
import org.posthorn.api.mail.Content;
import org.posthorn.api.mail.MessageId;
import org.posthorn.smtp.EventLoops;
import org.posthorn.testkit.RecordingIntake;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;

/// What is stored is what was sent, below our own field.
class ContentTest {
    private static final EventLoops LOOPS = EventLoops.startNio(1);

    private final RecordingIntake intake = new RecordingIntake();

    @AfterAll
    static void stop() {
        LOOPS.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\r\n",
                "no header at all\r\n",
                "Subject: only\r\n",
                "Subject: dots\r\n\r\n.\r\n..\r\n...\r\n.a\r\n\r\n.\r\n",
                ".Subject: x\r\n",
                "From mbox Thu Jan  1 00:00:00 1970\r\nSubject: x\r\n\r\nbody\r\n",
                "Subject: eight\r\n\r\n\u00e4\u00f6\u00fc\0\u00ff\r\n",
                "Subject: folded\r\n and\r\n\tagain\r\n\r\nbody\r\n",
                "RECEIVED:  by b ; then\r\nX: y\r\nReceived: from a\r\n\tby b;\r\n earlier\r\n\r\n",
                " starts folded\r\n\r\nbody\r\n"
            })
    void keepsOctets(String content) throws IOException {
        for (int piece : new int[] {1, 2, 3, 7, 100_000}) {
            assertThat(stored(content, piece)).isEqualTo(content);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\r\n",
                "no header at all\r\n",
                "Subject: only\r\n",
                "Subject: no line end",
                "Subject: dots\r\n\r\n.\r\n..\r\n...\r\n.a\r\n\r\n.\r\n",
                ".Subject: x\r\n",
                "Subject: eight\r\n\r\n\u00e4\u00f6\u00fc\0\u00ff\r\nno line end",
                "Subject: folded\r\n and\r\n\tagain\r\n\r\nbody\r\n"
            })
    void keepsOctetsOfChunks(String content) throws IOException {
        for (int piece : new int[] {1, 2, 7, 100_000}) {
            try (var peer = open()) {
                for (int at = 0; at < content.length(); at += piece) {
                    String chunk = content.substring(at, Math.min(at + piece, content.length()));
                    send(peer, "BDAT " + chunk.length() + "\r\n" + chunk);
                    assertThat(peer.line().orElseThrow()).startsWith("250 2.0.0");
                }
                send(peer, "BDAT 0 LAST\r\n");
                assertThat(peer.line().orElseThrow()).startsWith("250 2.0.0 Ok: queued");
            }
            assertThat(withoutReceived()).isEqualTo(content);
        }
    }

    private MemoryPeer open() throws IOException {
        var peer = new MemoryPeer(TestServers.usual(intake, LOOPS), "smtp", "192.0.2.1");
        toRecipient(peer);
        return peer;
    }

    @Test
    void keepsManyOctets() throws IOException {
        Random random = new Random(7);
        StringBuilder content = new StringBuilder("Subject: many\r\n\r\n");
        while (content.length() < 3_000_000) {
            for (int i = random.nextInt(120); i > 0; i--) {
                char c = (char) random.nextInt(256);
                content.append(c == '\r' || c == '\n' ? '.' : c);
            }
            content.append("\r\n").append(random.nextBoolean() ? "." : "");
        }
        content.append("end\r\n");
        assertThat(stored(content.toString(), 16_384)).isEqualTo(content.toString());
    }

    private String stored(String content, int piece) throws IOException {
        try (var peer = new MemoryPeer(TestServers.usual(intake, LOOPS), "smtp", "192.0.2.1")) {
            toContent(peer);
            String stuffed =
                    (content.startsWith(".") ? "." : "") + content.replace("\r\n.", "\r\n..");
            sendInPieces(peer, stuffed + ".\r\n", piece);
            assertThat(peer.line().orElseThrow()).startsWith("250 2.0.0");
        }
        return withoutReceived();
    }

    private String withoutReceived() {
        String text = intake.last().text();
        assertThat(text).startsWith("Received: from client.example ([192.0.2.1])\r\n");
        int end = text.indexOf(" +0000\r\n") + 8;
        return text.substring(end);
    }

    @Test
    void stopsReadingWhileTheStoreIsBusy() throws IOException {
        AtomicReference<CompletableFuture<Void>> gate =
                new AtomicReference<>(new CompletableFuture<>());
        try (var peer = new MemoryPeer(TestServers.usual(slow(gate), LOOPS), "smtp", "192.0.2.1")) {
            toContent(peer);
            send(peer, "Subject: x\r\n\r\nfirst\r\n");
            assertThat(peer.isReading()).isTrue();
            send(peer, "x".repeat(900) + "\r\n");
            send(peer, ("y".repeat(900) + "\r\n").repeat(10));
            assertThat(peer.isReading()).isFalse();
            CompletableFuture<Void> first = gate.getAndSet(CompletableFuture.completedFuture(null));
            first.complete(null);
            assertThat(peer.isReading()).isTrue();
            send(peer, ".\r\n");
            assertThat(peer.line().orElseThrow()).startsWith("250 2.0.0");
        }
        assertThat(intake.last().text()).contains("first\r\nxxx").endsWith("yyy\r\n");
    }

    @Test
    void stopsReadingAChunkWhileTheStoreIsBusy() throws IOException {
        AtomicReference<CompletableFuture<Void>> gate =
                new AtomicReference<>(new CompletableFuture<>());
        String content = "Subject: x\r\n\r\nfirst\r\n" + ("y".repeat(900) + "\r\n").repeat(11);
        try (var peer = new MemoryPeer(TestServers.usual(slow(gate), LOOPS), "smtp", "192.0.2.1")) {
            toRecipient(peer);
            send(peer, "BDAT " + content.length() + "\r\n" + content.substring(0, 900));
            assertThat(peer.isReading()).isTrue();
            send(peer, content.substring(900) + "BDAT 0 LAST\r\n");
            assertThat(peer.isReading()).isFalse();
            CompletableFuture<Void> first = gate.getAndSet(CompletableFuture.completedFuture(null));
            first.complete(null);
            assertThat(peer.isReading()).isTrue();
            assertThat(peer.line().orElseThrow()).startsWith("250 2.0.0");
            assertThat(peer.line().orElseThrow()).startsWith("250 2.0.0 Ok: queued");
        }
        assertThat(intake.last().text()).endsWith(content);
    }

    /// An intake whose writes are done when the gate says so.
    private Intake slow(AtomicReference<CompletableFuture<Void>> gate) {
        return size -> new SlowDraft(begin(size), gate);
    }

    private Draft begin(long size) throws QueueUnavailableException {
        return intake.begin(size);
    }

    private record SlowDraft(Draft draft, AtomicReference<CompletableFuture<Void>> gate)
            implements Draft {
        @Override
        public CompletionStage<Void> write(ByteBuffer octets) {
            return draft.write(octets).thenCombine(gate.get(), (_, _) -> null);
        }

        @Override
        public Content content(ByteBuffer header) {
            return draft.content(header);
        }

        @Override
        public CompletionStage<MessageId> commit(Submission submission) {
            return draft.commit(submission);
        }

        @Override
        public void close() {
            draft.close();
        }
    }

    private static void toContent(MemoryPeer peer) throws IOException {
        toRecipient(peer);
        send(peer, "DATA\r\n");
        assertThat(peer.line().orElseThrow()).startsWith("354");
    }

    private static void toRecipient(MemoryPeer peer) throws IOException {
        send(
                peer,
                "EHLO client.example\r\nMAIL FROM:<mona@example.org>\r\n"
                        + "RCPT TO:<leo@example.org>\r\n");
        String line = "";
        while (!line.startsWith("250 2.1.5")) {
            line = peer.line().orElseThrow();
        }
    }

    private static void sendInPieces(MemoryPeer peer, String text, int piece) {
        for (int at = 0; at < text.length(); at += piece) {
            send(peer, text.substring(at, Math.min(at + piece, text.length())));
        }
    }

    private static void send(MemoryPeer peer, String text) {
        peer.send(text.getBytes(StandardCharsets.ISO_8859_1));
    }
}
