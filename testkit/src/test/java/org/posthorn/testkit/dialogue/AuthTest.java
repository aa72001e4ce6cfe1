package org.posthorn.testkit.dialogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.posthorn.api.auth.AuthAnswer;
import org.posthorn.api.auth.Credentials;
import org.posthorn.api.auth.Exchange;
import org.posthorn.api.auth.Exchanges;
import org.posthorn.api.auth.Identity;
import org.posthorn.api.auth.Passwords;
import org.posthorn.api.event.MailEvent;
import org.posthorn.api.plugin.Session;
import org.posthorn.smtp.EventLoops;
import org.posthorn.smtp.sasl.PlainMessage;
import org.posthorn.smtp.sasl.SaslText;
import org.posthorn.smtp.server.SmtpServer;
import org.posthorn.testkit.ManualClock;
import org.posthorn.testkit.RecordingIntake;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;

/// Authentication beyond what scripts can say: delays, and sources that fail.
class AuthTest {
    private static EventLoops loops;

    private final RecordingIntake intake = new RecordingIntake();
    private final List<MailEvent> events = new CopyOnWriteArrayList<>();
    private final ManualClock clock = ManualClock.atNoon();

    @BeforeAll
    static void start() {
        loops = EventLoops.start(1);
    }

    @AfterAll
    static void stop() {
        loops.close();
    }

    @Test
    void guessingGetsSlowerAndStops() throws Exception {
        SmtpServer server = server(TestServers.mona(), Duration.ofSeconds(1), 3, 5);
        try (var peer = greeted(server)) {
            peer.send(octets("AUTH PLAIN " + plain("mona", "a")));
            assertThatThrownBy(peer::line).isInstanceOf(IOException.class);
            peer.advance(Duration.ofSeconds(1));
            assertThat(peer.line()).contains("535 5.7.8 Authentication credentials invalid");
            peer.send(octets("AUTH PLAIN " + plain("mona", "b")));
            peer.advance(Duration.ofSeconds(1));
            assertThatThrownBy(peer::line).isInstanceOf(IOException.class);
            peer.advance(Duration.ofSeconds(1));
            assertThat(peer.line()).contains("535 5.7.8 Authentication credentials invalid");
            peer.send(octets("AUTH PLAIN " + plain("mona", "c")));
            peer.advance(Duration.ofSeconds(3));
            assertThat(peer.line().orElseThrow()).startsWith("421 4.7.0");
        }
    }

    @Test
    void aNetworkThatFailsTooOftenIsNotListenedTo() throws Exception {
        SmtpServer server = server(TestServers.mona(), Duration.ZERO, 9, 2);
        try (var peer = greeted(server)) {
            assertThat(say(peer, "AUTH PLAIN " + plain("a", "x"))).startsWith("535");
            assertThat(say(peer, "AUTH PLAIN " + plain("b", "x"))).startsWith("535");
            assertThat(say(peer, "AUTH PLAIN " + plain("mona", "pencil"))).startsWith("421 4.7.0");
        }
        clock.advance(Duration.ofMinutes(20));
        try (var peer = greeted(server)) {
            assertThat(say(peer, "AUTH PLAIN " + plain("mona", "pencil"))).startsWith("235");
        }
    }

    @Test
    void anAccountThatFailsTooOftenWaits() throws Exception {
        SmtpServer server = server(TestServers.mona(), Duration.ZERO, 9, 20);
        try (var peer = greeted(server)) {
            for (int i = 0; i < 4; i++) {
                assertThat(say(peer, "AUTH PLAIN " + plain("mona", "x"))).startsWith("535");
            }
            assertThat(say(peer, "AUTH PLAIN " + plain("mona", "pencil"))).startsWith("454 4.7.0");
            clock.advance(Duration.ofMinutes(20));
            assertThat(say(peer, "AUTH PLAIN " + plain("mona", "pencil"))).startsWith("235");
        }
    }

    @Test
    void isNotOfferedToOthersWithoutTls() throws Exception {
        SmtpServer server = server(TestServers.mona());
        try (var peer = new MemoryPeer(server, "submission", "192.0.2.1")) {
            peer.line();
            peer.send(octets("EHLO client.example"));
            assertThat(lines(peer)).noneMatch(line -> line.contains("AUTH"));
            assertThat(say(peer, "AUTH PLAIN " + plain("mona", "pencil"))).startsWith("538 5.7.11");
            assertThat(say(peer, "MAIL FROM:<mona@example.org>")).startsWith("530 5.7.0");
        }
    }

    @Test
    void aSourceThatFailsIsNoOpenGate() throws Exception {
        Credentials failing =
                cheap(
                        (_, _, _) -> {
                            throw new IllegalStateException("directory is down");
                        });
        try (var peer = greeted(server(failing))) {
            assertThat(say(peer, "AUTH PLAIN " + plain("mona", "x"))).startsWith("454 4.7.0");
            assertThat(say(peer, "MAIL FROM:<mona@example.org>")).startsWith("530 5.7.0");
        }
        assertThat(events).anyMatch(MailEvent.PluginFailed.class::isInstance);
        Credentials unavailable = cheap((_, _, _) -> new AuthAnswer.Unavailable("later"));
        try (var peer = greeted(server(unavailable))) {
            assertThat(say(peer, "AUTH PLAIN " + plain("mona", "x"))).startsWith("454 4.7.0");
        }
    }

    @Test
    void aSourceMayBlockAndIsInterruptedWhenItsTimeIsOver() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        Passwords slow =
                (_, _, password) -> {
                    try {
                        if (password.equals("wait")) {
                            never.await();
                        }
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    return new AuthAnswer.Identified(new Identity("mona", List.of()));
                };
        try (SmtpServer server = server(slow);
                var peer = new SocketPeer(server.start().get("submission"))) {
            peer.line();
            peer.send(octets("EHLO client.example"));
            lines(peer);
            assertThat(say(peer, "AUTH PLAIN " + plain("mona", "wait"))).startsWith("454 4.7.0");
            assertThat(say(peer, "AUTH PLAIN " + plain("mona", "go"))).startsWith("235");
        }
    }

    @Test
    void aSourceMayLeadTheExchangeItself() throws Exception {
        try (var peer = greeted(server(new Riddles()))) {
            assertThat(decoded(say(peer, "AUTH SCRAM-SHA-256 " + encoded("n,,n=mona,r=x"))))
                    .isEqualTo("r=mine");
            assertThat(decoded(say(peer, encoded("c=biws")))).isEqualTo("v=proof");
            assertThat(say(peer, encoded("what?"))).startsWith("501 5.5.2");
            assertThat(say(peer, "AUTH SCRAM-SHA-256 " + encoded("n,,n=mona,r=x")))
                    .startsWith("334");
            assertThat(say(peer, encoded("c=biws"))).startsWith("334");
            assertThat(say(peer, "")).startsWith("235");
        }
    }

    @Test
    void aSourceThatFailsAtTheEndDoesNotEndWhoCalledIt() throws Exception {
        var closers = new LinkedBlockingQueue<Thread>();
        var uncaught = new ConcurrentHashMap<Thread, Throwable>();
        var usual = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler(uncaught::put);
        try (var peer = greeted(server(new FailingAtTheEnd(closers)))) {
            assertThat(say(peer, "AUTH SCRAM-SHA-256 " + encoded("n,,n=mona,r=x")))
                    .startsWith("334");
            assertThat(say(peer, "*")).startsWith("501");
            Thread closer = closers.take();
            closer.join();
            assertThat(uncaught).doesNotContainKey(closer);
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(usual);
        }
    }

    @Test
    void aClientThatLeavesInTheMiddleLeavesNothingBehind() throws Exception {
        SmtpServer server = server(TestServers.mona());
        var peer = greeted(server);
        assertThat(say(peer, "AUTH LOGIN")).startsWith("334");
        peer.close();
        assertThat(peer.octetsHeld()).isZero();
        assertThat(server.sessions()).isZero();
    }

    @Test
    void whoHasAuthenticatedMayRelayWhereItIsOffered() throws Exception {
        SmtpServer server = server(TestServers.mona());
        try (var peer = new MemoryPeer(server, "smtp", "127.0.0.1")) {
            peer.line();
            peer.send(octets("EHLO client.example"));
            lines(peer);
            assertThat(say(peer, "MAIL FROM:<ida@example.net>")).startsWith("250");
            assertThat(say(peer, "RCPT TO:<leo@elsewhere.example>")).startsWith("550 5.7.1");
            assertThat(say(peer, "RSET")).startsWith("250");
            assertThat(say(peer, "AUTH PLAIN " + plain("mona", "pencil"))).startsWith("235");
            assertThat(say(peer, "MAIL FROM:<ida@example.net>")).startsWith("250");
            assertThat(say(peer, "RCPT TO:<leo@elsewhere.example>")).startsWith("250");
        }
        assertThat(events)
                .filteredOn(MailEvent.Authenticated.class::isInstance)
                .singleElement()
                .satisfies(
                        it -> {
                            var event = (MailEvent.Authenticated) it;
                            assertThat(event.mechanism()).isEqualTo("PLAIN");
                            assertThat(event.name()).isEqualTo("mona");
                            assertThat(event.plugin()).isEqualTo("users");
                        });
    }

    @Test
    void onlyWhoHasAuthenticatedGoesBeforeOthers() throws Exception {
        try (var peer = new MemoryPeer(server(TestServers.mona()), "smtp", "127.0.0.1")) {
            peer.line();
            peer.send(octets("EHLO client.example"));
            lines(peer);
            assertThat(priorityOf(peer, "9")).contains("0");
            assertThat(priorityOf(peer, "-3")).contains("-3");
            assertThat(say(peer, "AUTH PLAIN " + plain("mona", "pencil"))).startsWith("235");
            assertThat(priorityOf(peer, "9")).contains("9");
        }
    }

    private Optional<String> priorityOf(Peer peer, String asked) throws IOException {
        say(peer, "MAIL FROM:<mona@example.org> MT-PRIORITY=" + asked);
        say(peer, "RCPT TO:<postmaster>");
        say(peer, "DATA");
        assertThat(say(peer, ".")).startsWith("250");
        return intake.last().submission().envelope().parameters().value("MT-PRIORITY");
    }

    @Test
    void completesASubmissionAndSaysHowItCame() throws Exception {
        try (var peer = greeted(server(TestServers.mona()))) {
            say(peer, "AUTH PLAIN " + plain("mona", "pencil"));
            say(peer, "MAIL FROM:<mona@example.org>");
            say(peer, "RCPT TO:<leo@elsewhere.example>");
            say(peer, "DATA");
            peer.send(octets("From: mona@example.org\r\nSubject: x\r\n\r\nhello\r\n."));
            assertThat(peer.line().orElseThrow()).startsWith("250");
        }
        String message = intake.last().text();
        assertThat(message)
                .contains(" with ESMTPA ")
                .contains("\r\nDate: Thu, 1 Jan 2026 12:00:00 +0000\r\n")
                .containsPattern("\r\nMessage-ID: <[0-9a-z]+\\.1@mx\\.example\\.org>\r\n");
    }

    private SmtpServer server(Credentials credentials) {
        return server(credentials, Duration.ZERO, 9, 20);
    }

    private SmtpServer server(
            Credentials credentials, Duration delay, int failures, int failuresPerNetwork) {
        return TestServers.submission(
                TestServers.known(credentials),
                TestServers.auth(delay, failures, failuresPerNetwork),
                intake,
                events::add,
                clock,
                loops);
    }

    private static MemoryPeer greeted(SmtpServer server) throws IOException {
        var peer = new MemoryPeer(server, "submission", "127.0.0.1");
        peer.line();
        peer.send(octets("EHLO client.example"));
        lines(peer);
        return peer;
    }

    private String lastLine = "";

    private String say(Peer peer, String line) throws IOException {
        peer.send(octets(line));
        lastLine = peer.line().orElseThrow();
        return lastLine;
    }

    private static List<String> lines(Peer peer) throws IOException {
        List<String> all = new java.util.ArrayList<>();
        do {
            all.add(peer.line().orElseThrow());
        } while (all.getLast().startsWith("-", 3));
        return all;
    }

    private static byte[] octets(String line) {
        return (line + "\r\n").getBytes(StandardCharsets.UTF_8);
    }

    private static String plain(String name, String password) {
        return base64(new PlainMessage(Optional.empty(), name, password).octets());
    }

    private static String base64(ByteBuffer octets) {
        return SaslText.base64(octets);
    }

    private static String encoded(String text) {
        return base64(SaslText.octetsOf(text));
    }

    private static String decoded(String reply) {
        return new String(
                SaslText.octets(reply.substring(4)).orElseThrow(), StandardCharsets.UTF_8);
    }

    private static Passwords cheap(Passwords passwords) {
        return new Passwords() {
            @Override
            public AuthAnswer check(Session session, String name, String password) {
                return passwords.check(session, name, password);
            }

            @Override
            public boolean mayBlock() {
                return false;
            }
        };
    }

    /// A foreign server that speaks a SCRAM of its own.
    private static final class Riddles implements Exchanges {
        @Override
        public Set<String> mechanisms() {
            return Set.of("SCRAM-SHA-256");
        }

        @Override
        public boolean mayBlock() {
            return false;
        }

        @Override
        public Exchange begin(Session session, String mechanism) {
            return new Exchange() {
                @Override
                public Step start(Optional<ByteBuffer> response) {
                    assertThat(response).contains(SaslText.octetsOf("n,,n=mona,r=x"));
                    return new Step.Challenge(SaslText.octetsOf("r=mine"));
                }

                @Override
                public Step respond(ByteBuffer response) {
                    return new Step.Ended(
                            new AuthAnswer.Identified(new Identity("mona", List.of())),
                            Optional.of(SaslText.octetsOf("v=proof")));
                }
            };
        }
    }

    /// A foreign server that cannot be told that an exchange is over.
    private record FailingAtTheEnd(Queue<Thread> closers) implements Exchanges {
        @Override
        public Set<String> mechanisms() {
            return Set.of("SCRAM-SHA-256");
        }

        @Override
        public boolean mayBlock() {
            return false;
        }

        @Override
        public Exchange begin(Session session, String mechanism) {
            return new Exchange() {
                @Override
                public Step start(Optional<ByteBuffer> response) {
                    return new Step.Challenge(SaslText.octetsOf("r=mine"));
                }

                @Override
                public Step respond(ByteBuffer response) {
                    return Step.Ended.with(AuthAnswer.REFUSED);
                }

                @Override
                public void close() {
                    closers.add(Thread.currentThread());
                    throw new IllegalStateException("the server is gone");
                }
            };
        }
    }
}
