package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.smtp.EventLoops;
import org.posthorn.smtp.client.ClientTls;
import org.posthorn.smtp.client.Protocol;
import org.posthorn.testkit.remote.MailSink;
import org.posthorn.testkit.remote.RemoteConnection;
import org.posthorn.testkit.remote.RemoteTls;
import org.posthorn.testkit.remote.ScriptedRemote;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Sessions that are used again: for what they are, and how that ends.
@Timeout(60)
class KeptSessionsTest {
    private static final EventLoops LOOPS = EventLoops.start(1);
    private static final String TAKEN = "delivered 250 2.0.0 Taken";

    @TempDir static Path directory;
    private static RemoteTls tls;

    private final MailSink sink = new MailSink();
    private final CountDownLatch quit = new CountDownLatch(1);

    @BeforeAll
    static void certify() throws Exception {
        tls = RemoteTls.selfSigned("mx.example", directory);
    }

    @AfterAll
    static void close() {
        LOOPS.close();
    }

    private static SessionsConfig config(int perSite, int messages) {
        SessionsConfig standard = SessionsConfig.STANDARD;
        return new SessionsConfig(
                standard.initial(),
                perSite,
                messages,
                standard.age(),
                standard.idle(),
                standard.mostIdle(),
                standard.waiting(),
                standard.patience(),
                standard.deadAfter(),
                standard.firstProbe(),
                standard.longestProbe());
    }

    private static Engine engine(ScriptedRemote remote, RouteConfig... table) throws IOException {
        return engine(SessionsConfig.STANDARD, remote, table);
    }

    private static Engine engine(
            SessionsConfig sessions, ScriptedRemote remote, RouteConfig... table)
            throws IOException {
        Engine engine =
                new Engine(
                        LOOPS,
                        remote.address().getPort(),
                        sessions,
                        ClientTls.trusting(tls.authority()),
                        table);
        for (String domain : List.of("a.example", "b.example")) {
            engine.zone.mx(domain, 10, "mx.example");
        }
        engine.zone.address("mx.example", "127.0.0.1");
        return engine;
    }

    private static RouteConfig mx(String domain, TlsLevel level) {
        return new RouteConfig(List.of(domain), "mx", level, Optional.empty());
    }

    private static RouteConfig mx() {
        return mx("*", TlsLevel.MAY);
    }

    /// Takes mail, and notes that the client says goodbye.
    private ScriptedRemote.Script untilQuit() {
        return client -> {
            sink.play(client);
            quit.countDown();
        };
    }

    private void awaitQuit() throws InterruptedException {
        assertThat(quit.await(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aSessionIsUsedForMessageAfterMessage() throws Exception {
        try (var remote = ScriptedRemote.playing(sink);
                var engine = engine(remote, mx())) {
            for (int i = 0; i < 5; i++) {
                assertThat(engine.send("leo@a.example")).isEqualTo(TAKEN);
            }
            assertThat(remote.connections()).isEqualTo(1);
            assertThat(remote.heard()).doesNotContain("RSET", "QUIT");
            assertThat(engine.site().opened()).isEqualTo(1);
            assertThat(engine.site().sent()).isEqualTo(5);
        }
    }

    @Test
    void domainsWithTheSameExchangersShareSessions() throws Exception {
        try (var remote = ScriptedRemote.playing(sink);
                var engine = engine(remote, mx())) {
            engine.send("leo@a.example");
            engine.send("leo@b.example");
            assertThat(remote.connections()).isEqualTo(1);
        }
    }

    @Test
    void domainsWithOtherExchangersDoNot() throws Exception {
        try (var remote = ScriptedRemote.playing(sink);
                var engine = engine(remote, mx())) {
            engine.zone.mx("c.example", 10, "other.example").address("other.example", "127.0.0.1");
            engine.send("leo@a.example");
            engine.send("leo@c.example");
            assertThat(remote.connections()).isEqualTo(2);
        }
    }

    @Test
    void whoLeavesHandsTheSessionToWhoWaits() throws Exception {
        var first = new CountDownLatch(1);
        sink.ending(
                _ -> {
                    await(first);
                    return "250 2.0.0 Taken";
                });
        try (var remote = ScriptedRemote.playing(sink);
                var engine = engine(config(1, 100), remote, mx())) {
            for (int i = 0; i < 10; i++) {
                engine.offer("leo@a.example");
            }
            first.countDown();
            for (int i = 0; i < 10; i++) {
                assertThat(engine.settled()).isEqualTo(TAKEN);
            }
            assertThat(remote.connections()).isEqualTo(1);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private int connections(TlsLevel one, TlsLevel other) throws Exception {
        sink.secured(tls.context());
        try (var remote = ScriptedRemote.playing(sink);
                var engine = engine(remote, mx("a.example", one), mx("b.example", other))) {
            assertThat(engine.send("leo@a.example")).isEqualTo(TAKEN);
            assertThat(engine.send("leo@b.example")).isEqualTo(TAKEN);
            return remote.connections();
        }
    }

    @Test
    void aSessionInClearIsNotForMailThatIsToGoByTls() throws Exception {
        assertThat(connections(TlsLevel.NONE, TlsLevel.MAY)).isEqualTo(2);
    }

    @Test
    void aSessionThatCouldBeVerifiedIsGoodForMailThatWantsToKnowWhomItIsWith() throws Exception {
        assertThat(connections(TlsLevel.ENCRYPT, TlsLevel.VERIFY)).isEqualTo(1);
    }

    @Test
    void aVerifiedSessionIsGoodForMailThatWantsLess() throws Exception {
        assertThat(connections(TlsLevel.VERIFY, TlsLevel.MAY)).isEqualTo(1);
    }

    @Test
    void aSessionByTlsIsGoodForMailThatInsistsOnTls() throws Exception {
        assertThat(connections(TlsLevel.MAY, TlsLevel.ENCRYPT)).isEqualTo(1);
    }

    @Test
    void aSessionByTlsIsNotForMailThatIsToGoInClear() throws Exception {
        assertThat(connections(TlsLevel.MAY, TlsLevel.NONE)).isEqualTo(2);
    }

    @Test
    void aSessionIsNotForMailOfAnotherLogin() throws Exception {
        sink.loggingIn((client, _) -> client.say("235 2.7.0 Come in"), "PLAIN");
        Path secret = Files.writeString(directory.resolve("secret"), "12345678\n");
        LoginConfig mona = new LoginConfig("mona", Optional.of(secret), Optional.empty(), false);
        LoginConfig leo = new LoginConfig("leo", Optional.of(secret), Optional.empty(), false);
        try (var remote = ScriptedRemote.playing(sink)) {
            String to = "smtp://127.0.0.1:" + remote.address().getPort();
            try (var engine =
                    engine(
                            remote,
                            new RouteConfig(
                                    List.of("a.example"), to, TlsLevel.MAY, Optional.of(mona)),
                            new RouteConfig(
                                    List.of("b.example"), to, TlsLevel.MAY, Optional.of(leo)),
                            new RouteConfig(List.of("*"), to))) {
                engine.send("x@a.example");
                engine.send("x@b.example");
                engine.send("x@c.example");
                assertThat(remote.connections()).isEqualTo(3);
                engine.send("x@b.example");
                assertThat(remote.connections()).isEqualTo(3);
            }
        }
    }

    @Test
    void aSessionHasABoundedNumberOfMessages() throws Exception {
        try (var remote = ScriptedRemote.playing(sink);
                var engine = engine(config(20, 2), remote, mx())) {
            for (int i = 0; i < 5; i++) {
                assertThat(engine.send("leo@a.example")).isEqualTo(TAKEN);
            }
            assertThat(remote.connections()).isEqualTo(3);
        }
    }

    @Test
    void aServerSaysHowManyMessagesASessionMayHave() throws Exception {
        sink.offering("LIMITS MAILMAX=1");
        try (var remote = ScriptedRemote.playing(sink);
                var engine = engine(remote, mx())) {
            engine.send("leo@a.example");
            engine.send("leo@a.example");
            assertThat(remote.connections()).isEqualTo(2);
        }
    }

    @Test
    void anOldSessionIsLeft() throws Exception {
        try (var remote = ScriptedRemote.playing(untilQuit(), sink);
                var engine = engine(remote, mx())) {
            for (int i = 0; i < 100; i++) {
                engine.clock.advance(Duration.ofSeconds(3));
                engine.send("leo@a.example");
            }
            assertThat(remote.connections()).isEqualTo(1);
            engine.clock.advance(Duration.ofSeconds(3));
            engine.send("leo@a.example");
            awaitQuit();
            assertThat(remote.connections()).isEqualTo(2);
        }
    }

    @Test
    void aSessionThatNobodyNeedsIsLeftAfterSomeSeconds() throws Exception {
        try (var remote = ScriptedRemote.playing(untilQuit(), sink);
                var engine = engine(remote, mx())) {
            engine.send("leo@a.example");
            engine.alarms.advance(Duration.ofSeconds(6));
            awaitQuit();
            assertThat(engine.delivery().sites().idle()).isZero();
        }
    }

    @Test
    void sessionsAreLeftWhenTheServerStops() throws Exception {
        try (var remote = ScriptedRemote.playing(untilQuit(), sink)) {
            try (var engine = engine(remote, mx())) {
                engine.send("leo@a.example");
            }
            awaitQuit();
        }
    }

    private static Visit visit(Engine engine) throws InterruptedException {
        var any = new TlsPolicy(true, "mx.example", List.of(), List.of(), List.of());
        var wish =
                new TlsWish(Optional.empty(), TlsLevel.MAY, List.of(), TlsWish.Sender.INDIFFERENT);
        var shipment =
                new Shipment(
                        Mail.to("leo@a.example"),
                        Engine.LETTER,
                        Protocol.SMTP,
                        false,
                        new TlsPlan(wish, Map.of("mx.example", any)),
                        Optional.empty(),
                        Optional.empty());
        var site = new SiteName(engine.site().name());
        Entry entry = engine.delivery().sites().enter(site, new Errand("x/0", shipment));
        return ((Entry.Open) entry).visit();
    }

    @Test
    void aVisitorThatFailsBeforeItUsesItsSessionDoesNotLoseIt() throws Exception {
        try (var remote = ScriptedRemote.playing(sink);
                var engine = engine(remote, mx())) {
            engine.send("leo@a.example");
            var closed = new CountDownLatch(1);
            try (Visit visit = visit(engine)) {
                visit.kept().orElseThrow().session().whenClosed(closed::countDown);
            }
            assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(engine.send("leo@a.example")).isEqualTo(TAKEN);
            assertThat(remote.connections()).isEqualTo(2);
        }
    }

    @Test
    void aVisitorThatLeavesItsSessionUnusedHandsItOn() throws Exception {
        try (var remote = ScriptedRemote.playing(sink);
                var engine = engine(remote, mx())) {
            engine.send("leo@a.example");
            try (Visit visit = visit(engine)) {
                visit.leave(visit.kept().orElseThrow());
            }
            assertThat(engine.send("leo@a.example")).isEqualTo(TAKEN);
            assertThat(remote.connections()).isEqualTo(1);
        }
    }

    /// Takes one message, and does something then.
    private static ScriptedRemote.Script once(ScriptedRemote.Script then, String... extensions) {
        return client -> {
            client.say("220 mx.example");
            client.hear("EHLO");
            List<String> lines = new java.util.ArrayList<>(List.of("250-mx.example"));
            for (String it : extensions) {
                lines.add("250-" + it);
            }
            lines.add("250 8BITMIME");
            client.say(lines.toArray(String[]::new));
            client.hear("MAIL");
            client.say("250 2.1.0 Ok");
            client.hear("RCPT");
            client.say("250 2.1.5 Ok");
            String line = client.hear();
            if (line.startsWith("BDAT")) {
                client.hearOctets(Integer.parseInt(line.split(" ", -1)[1]));
            } else {
                client.say("354 Go on");
                client.hearContent();
            }
            client.say("250 2.0.0 Taken");
            then.play(client);
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"ENHANCEDSTATUSCODES", "PIPELINING", "CHUNKING"})
    void thatASessionIsOverIsNobodysFailure(String extension) throws Exception {
        var first = once(RemoteConnection::close, extension, "PIPELINING");
        try (var remote = ScriptedRemote.playing(first, sink);
                var engine = engine(remote, mx())) {
            assertThat(engine.send("leo@a.example")).isEqualTo(TAKEN);
            assertThat(engine.send("leo@a.example")).isEqualTo(TAKEN);
            assertThat(remote.connections()).isEqualTo(2);
        }
    }

    @Test
    void thatTheServerEndsASessionBeforeTheNextMessageIsNobodysFailure() throws Exception {
        var first =
                once(
                        client -> {
                            client.hear("MAIL");
                            client.say("421 4.3.2 Enough");
                        });
        try (var remote = ScriptedRemote.playing(first, sink);
                var engine = engine(remote, mx())) {
            assertThat(engine.send("leo@a.example")).isEqualTo(TAKEN);
            assertThat(engine.send("leo@a.example")).isEqualTo(TAKEN);
        }
    }

    @Test
    void aServerThatEndsTheSessionUnaskedIsTalkedToInANewOne() throws Exception {
        var first = once(client -> client.say("421 4.4.2 Idle for too long"));
        try (var remote = ScriptedRemote.playing(first, sink);
                var engine = engine(remote, mx())) {
            assertThat(engine.send("leo@a.example")).isEqualTo(TAKEN);
            assertThat(engine.send("leo@a.example")).isEqualTo(TAKEN);
        }
    }

    @Test
    void aNewSessionThatEndsTheSameWayIsAFailure() throws Exception {
        var first = once(client -> client.say("421 4.4.2 Idle for too long"));
        ScriptedRemote.Script second =
                client -> {
                    client.say("220 mx.example");
                    client.hear("EHLO");
                    client.say("250 mx.example");
                    client.hear("MAIL");
                    client.say("421 4.3.2 Not now");
                };
        try (var remote = ScriptedRemote.playing(first, second);
                var engine = engine(remote, mx())) {
            assertThat(engine.send("leo@a.example")).isEqualTo(TAKEN);
            assertThat(engine.send("leo@a.example")).startsWith("deferred 421 4.4.2");
            assertThat(remote.connections()).isEqualTo(2);
        }
    }

    @Test
    void aKeptSessionThatBreaksLaterIsFollowedByANewOne() throws Exception {
        var first =
                once(
                        client -> {
                            client.hear("MAIL");
                            client.say("250 2.1.0 Ok");
                            client.hear("RCPT");
                            client.say("421 4.7.0 Too many");
                        });
        try (var remote = ScriptedRemote.playing(first, sink);
                var engine = engine(remote, mx())) {
            assertThat(engine.send("leo@a.example")).isEqualTo(TAKEN);
            assertThat(engine.send("leo@a.example")).startsWith("delivered");
        }
    }
}
