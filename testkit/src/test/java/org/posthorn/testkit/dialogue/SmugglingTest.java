package org.posthorn.testkit.dialogue;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.posthorn.smtp.EventLoops;
import org.posthorn.smtp.server.SmtpServer;
import org.posthorn.testkit.RecordingIntake;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Whatever a stranger takes for the end of a message, no second one appears: refused or mended,
/// behind `DATA` or in chunks, wherever packets divide it.
class SmugglingTest {
    private static final EventLoops LOOPS = EventLoops.startNio(1);

    private static final String BEGIN =
            "EHLO client.example\r\nMAIL FROM:<mona@elsewhere.example>\r\n"
                    + "RCPT TO:<leo@example.org>\r\n";
    private static final String SECOND =
            "MAIL FROM:<evil@elsewhere.example>\r\nRCPT TO:<leo@example.org>\r\n"
                    + "DATA\r\nSubject: Two\r\n\r\nsecond\r\n";

    private final RecordingIntake intake = new RecordingIntake();
    private final SmtpServer server = TestServers.usual(intake, LOOPS);

    @AfterAll
    static void stop() {
        LOOPS.close();
    }

    static Stream<String> falseEnds() {
        return Stream.of(
                "\n.\n",
                "\n.\r\n",
                "\n.\r",
                "\r\n.\n",
                "\r\n.\r",
                "\r.\r",
                "\r.\r\n",
                "\r.\n",
                "\r\r\n.\r\r\n",
                "\r\n.\r\r\n",
                "\n\r.\r\n",
                "\r\n\0.\r\n",
                "\r\n.\0\r\n",
                "\r\n\0.\0\r\n",
                "\0\r\n.\n",
                "\n\0.\r\n",
                "\r\n.\r\0\n",
                "\r\0\n.\r\n",
                "\n\n.\n\n",
                "\r\n..\r\n");
    }

    @ParameterizedTest
    @MethodSource("falseEnds")
    void nothingEndsDataButCrlfDotCrlf(String end) throws IOException {
        for (String listener : List.of("smtp", "normalise")) {
            String content = "Subject: One\r\n\r\nfirst" + end + SECOND;
            everySplit(listener, BEGIN + "DATA\r\n", content + ".\r\n", 6);
        }
    }

    @ParameterizedTest
    @MethodSource("falseEnds")
    void nothingEndsChunksButTheirSize(String end) throws IOException {
        for (String listener : List.of("smtp", "normalise")) {
            String content = "Subject: One\r\n\r\nfirst" + end + SECOND + ".\r\n";
            everySplit(listener, BEGIN, "BDAT " + content.length() + " LAST\r\n" + content, 5);
            everyChunk(listener, content);
        }
    }

    @ParameterizedTest
    @MethodSource("falseEnds")
    void binaryChunksAreKeptAsTheyAre(String end) throws IOException {
        String content = "Subject: One\r\n\r\nfirst" + end + SECOND + ".\r\n";
        String begin = BEGIN.replace("elsewhere.example>", "elsewhere.example> BODY=BINARYMIME");
        everySplit("smtp", begin, "BDAT " + content.length() + " LAST\r\n" + content, 5);
        assertThat(intake.last().text()).endsWith(content);
    }

    /// Sends a message that arrives in two packets, for every place where it can be divided.
    ///
    /// @param replies how many there are up to that to the message
    private void everySplit(String listener, String begin, String message, int replies)
            throws IOException {
        for (int at = 0; at <= message.length(); at++) {
            play(listener, replies, begin, message.substring(0, at), message.substring(at));
        }
        String[] octets = (begin + message).split("");
        play(listener, replies, octets);
    }

    /// Divides content into two chunks, at every place.
    private void everyChunk(String listener, String content) throws IOException {
        for (int at = 0; at <= content.length(); at++) {
            String first = "BDAT " + at + "\r\n" + content.substring(0, at);
            String last = "BDAT " + (content.length() - at) + " LAST\r\n" + content.substring(at);
            play(listener, 6, BEGIN, first, last);
        }
    }

    private void play(String listener, int replies, String... packets) throws IOException {
        int before = intake.messages().size();
        try (var peer = new MemoryPeer(server, listener, "192.0.2.1")) {
            for (String packet : packets) {
                peer.send(packet.getBytes(StandardCharsets.ISO_8859_1));
            }
            peer.send("QUIT\r\n".getBytes(StandardCharsets.US_ASCII));
            List<String> said = new ArrayList<>();
            for (var line = peer.line(); line.isPresent(); line = peer.line()) {
                if (line.get().charAt(3) == ' ') {
                    said.add(line.get());
                }
            }
            assertThat(said).hasSize(replies + 1).last().asString().startsWith("221");
            assertThat(intake.messages().size() - before).isLessThanOrEqualTo(1);
        }
        assertThat(intake.openDrafts()).isZero();
        if (intake.messages().size() > before) {
            var stored = intake.last();
            assertThat(stored.submission().envelope().sender())
                    .hasToString("<mona@elsewhere.example>");
            boolean binary = stored.submission().envelope().parameters().has("BODY");
            if (!binary) {
                assertThat(stored.text().replace("\r\n", "")).doesNotContain("\r", "\n");
            }
        }
    }
}
