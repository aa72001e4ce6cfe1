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
            peer.send("AUTH PLAIN " + plain("mona", "a") + "\r\n");
            assertThatThrownBy(peer::line).isInstanceOf(IOException.class);
            peer.advance(Duration.ofSeconds(1));
            peer.expect("535 5.7.8 Authentication credentials invalid");
            peer.send("AUTH PLAIN " + plain("mona", "b") + "\r\n");
            peer.advance(Duration.ofSeconds(1));
            assertThatThrownBy(peer::line).isInstanceOf(IOException.class);
            peer.advance(Duration.ofSeconds(1));
            peer.expect("535 5.7.8 Authentication credentials invalid");
            peer.send("AUTH PLAIN " + plain("mona", "c") + "\r\n");
            peer.advance(Duration.ofSeconds(3));
            peer.expect("421 4.7.0");
        }
    }

    @Test
    void aNetworkThatFailsTooOftenIsNotListenedTo() throws Exception {
        SmtpServer server = server(TestServers.mona(), Duration.ZERO, 9, 2);
        try (var peer = greeted(server)) {
            peer.say("AUTH PLAIN " + plain("a", "x"), "535");
            peer.say("AUTH PLAIN " + plain("b", "x"), "535");
            peer.say("AUTH PLAIN " + plain("mona", "pencil"), "421 4.7.0");
        }
        clock.advance(Duration.ofMinutes(20));
        try (var peer = greeted(server)) {
            peer.say("AUTH PLAIN " + plain("mona", "pencil"), "235");
        }
    }

    @Test
    void anAccountThatFailsTooOftenWaits() throws Exception {
        SmtpServer server = server(TestServers.mona(), Duration.ZERO, 9, 20);
        try (var peer = greeted(server)) {
            for (int i = 0; i < 4; i++) {
                peer.say("AUTH PLAIN " + plain("mona", "x"), "535");
            }
            peer.say("AUTH PLAIN " + plain("mona", "pencil"), "454 4.7.0");
            clock.advance(Duration.ofMinutes(20));
            peer.say("AUTH PLAIN " + plain("mona", "pencil"), "235");
        }
    }

    @Test
    void isNotOfferedToOthersWithoutTls() throws Exception {
        SmtpServer server = server(TestServers.mona());
        try (var peer = new MemoryPeer(server, "submission", "192.0.2.1")) {
            peer.expect("220");
            peer.send("EHLO client.example\r\n");
            assertThat(peer.reply()).noneMatch(line -> line.startsWith("AUTH"));
            peer.say("AUTH PLAIN " + plain("mona", "pencil"), "538 5.7.11");
            peer.say("MAIL FROM:<mona@example.org>", "530 5.7.0");
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
            peer.say("AUTH PLAIN " + plain("mona", "x"), "454 4.7.0");
            peer.say("MAIL FROM:<mona@example.org>", "530 5.7.0");
        }
        assertThat(events).anyMatch(MailEvent.PluginFailed.class::isInstance);
        Credentials unavailable = cheap((_, _, _) -> new AuthAnswer.Unavailable("later"));
        try (var peer = greeted(server(unavailable))) {
            peer.say("AUTH PLAIN " + plain("mona", "x"), "454 4.7.0");
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
            peer.expect("220");
            peer.say("EHLO client.example", "250");
            peer.say("AUTH PLAIN " + plain("mona", "wait"), "454 4.7.0");
            peer.say("AUTH PLAIN " + plain("mona", "go"), "235");
        }
    }

    @Test
    void aSourceMayLeadTheExchangeItself() throws Exception {
        try (var peer = greeted(server(new Riddles()))) {
            assertThat(decoded(challenge(peer, "AUTH SCRAM-SHA-256 " + encoded("n,,n=mona,r=x"))))
                    .isEqualTo("r=mine");
            assertThat(decoded(challenge(peer, encoded("c=biws")))).isEqualTo("v=proof");
            peer.say(encoded("what?"), "501 5.5.2");
            peer.say("AUTH SCRAM-SHA-256 " + encoded("n,,n=mona,r=x"), "334");
            peer.say(encoded("c=biws"), "334");
            peer.say("", "235");
        }
    }

    @Test
    void aSourceThatFailsAtTheEndDoesNotEndWhoCalledIt() throws Exception {
        var closers = new LinkedBlockingQueue<Thread>();
        var uncaught = new ConcurrentHashMap<Thread, Throwable>();
        var usual = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler(uncaught::put);
        try (var peer = greeted(server(new FailingAtTheEnd(closers)))) {
            peer.say("AUTH SCRAM-SHA-256 " + encoded("n,,n=mona,r=x"), "334");
            peer.say("*", "501");
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
        peer.say("AUTH LOGIN", "334");
        peer.close();
        assertThat(peer.octetsHeld()).isZero();
        assertThat(server.sessions()).isZero();
    }

    @Test
    void whoHasAuthenticatedMayRelayWhereItIsOffered() throws Exception {
        SmtpServer server = server(TestServers.mona());
        try (var peer = new MemoryPeer(server, "smtp", "127.0.0.1")) {
            peer.expect("220");
            peer.say("EHLO client.example", "250");
            peer.say("MAIL FROM:<ida@example.net>", "250");
            peer.say("RCPT TO:<leo@elsewhere.example>", "550 5.7.1");
            peer.say("RSET", "250");
            peer.say("AUTH PLAIN " + plain("mona", "pencil"), "235");
            peer.say("MAIL FROM:<ida@example.net>", "250");
            peer.say("RCPT TO:<leo@elsewhere.example>", "250");
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
            peer.expect("220");
            peer.say("EHLO client.example", "250");
            assertThat(priorityOf(peer, "9")).contains("0");
            assertThat(priorityOf(peer, "-3")).contains("-3");
            peer.say("AUTH PLAIN " + plain("mona", "pencil"), "235");
            assertThat(priorityOf(peer, "9")).contains("9");
        }
    }

    private Optional<String> priorityOf(Peer peer, String asked) throws IOException {
        peer.say("MAIL FROM:<mona@example.org> MT-PRIORITY=" + asked, "250");
        peer.say("RCPT TO:<postmaster>", "250");
        peer.say("DATA", "354");
        peer.say(".", "250");
        return intake.last().submission().envelope().parameters().value("MT-PRIORITY");
    }

    @Test
    void completesASubmissionAndSaysHowItCame() throws Exception {
        try (var peer = greeted(server(TestServers.mona()))) {
            peer.say("AUTH PLAIN " + plain("mona", "pencil"), "235");
            peer.say("MAIL FROM:<mona@example.org>", "250");
            peer.say("RCPT TO:<leo@elsewhere.example>", "250");
            peer.say("DATA", "354");
            peer.say("From: mona@example.org\r\nSubject: x\r\n\r\nhello\r\n.", "250");
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
        peer.expect("220");
        peer.say("EHLO client.example", "250");
        return peer;
    }

    private static String challenge(Peer peer, String line) throws IOException {
        peer.send(line + "\r\n");
        return peer.reply().getFirst();
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

    private static String decoded(String challenge) {
        return new String(SaslText.octets(challenge).orElseThrow(), StandardCharsets.UTF_8);
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
