package org.posthorn.testkit.dialogue;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.posthorn.api.event.MailEvent;
import org.posthorn.api.plugin.Verdict;
import org.posthorn.smtp.EventLoops;
import org.posthorn.smtp.server.ClientLimits;
import org.posthorn.smtp.server.ListenerConfig;
import org.posthorn.smtp.server.ListenerConfig.Kind;
import org.posthorn.smtp.server.ListenerConfig.Tls;
import org.posthorn.smtp.server.NetworkLimits;
import org.posthorn.smtp.server.PaceLimits;
import org.posthorn.smtp.server.SmtpLimits;
import org.posthorn.smtp.server.SmtpServer;
import org.posthorn.testkit.ManualClock;
import org.posthorn.testkit.RecordingIntake;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/// At its limits, the server sends newcomers away before they cost anything, and whoever is there
/// already goes on as if nothing happened.
class OverloadTest {
    private static final EventLoops LOOPS = EventLoops.start(1);
    private static final Duration TIME = Duration.ofMinutes(5);

    private final RecordingIntake intake = new RecordingIntake();
    private final List<MailEvent> events = new CopyOnWriteArrayList<>();

    /// How often a plugin was asked about a connection.
    private final AtomicInteger asked = new AtomicInteger();

    /// What is full when four sessions are there.
    private enum Full {
        SERVER(4, 100, 0, 0, "203.0.113.9", "Too many connections, "),
        ADDRESS(100, 4, 0, 0, "2001:db8:1:1::1", "Too many connections from your address"),
        NARROW_NETWORK(100, 100, 4, 0, "2001:db8:1:1::2", "Too many connections from your network"),
        WIDE_NETWORK(100, 100, 0, 4, "2001:db8:1:2::1", "Too many connections from your network");

        private final SmtpLimits limits;
        private final String newcomer;
        private final String reply;

        Full(int all, int address, int narrow, int wide, String newcomer, String text) {
            limits = limits(all, address, network(64, narrow), network(48, wide));
            this.newcomer = newcomer;
            reply = "421 4.7.0 " + text;
        }
    }

    @AfterAll
    static void stop() {
        LOOPS.close();
    }

    @ParameterizedTest
    @EnumSource
    void newcomersAreSentAwayEarlyAndSessionsFinish(Full full) throws IOException {
        SmtpServer server = server(full.limits);
        var inContent = connect(server);
        toRecipient(inContent);
        inContent.say("DATA", "354");
        inContent.send("Subject: half");
        var inChunk = connect(server);
        toRecipient(inChunk);
        inChunk.send("BDAT 12 LAST\r\nSubject: ");
        var addressing = connect(server);
        toRecipient(addressing);
        var idle = connect(server);
        int before = asked.get();
        int told = events.size();

        for (int i = 0; i < 1000; i++) {
            for (String listener : List.of("smtp", "smtps")) {
                var newcomer = new MemoryPeer(server, listener, full.newcomer);
                newcomer.expect(listener.equals("smtp") ? full.reply : "closed");
                assertThat(newcomer.line()).isEmpty();
                assertThat(newcomer.octetsHeld()).isZero();
            }
        }
        assertThat(asked).hasValue(before);
        assertThat(events).hasSize(told);
        assertThat(server.refused()).isEqualTo(2000);
        assertThat(server.sessions()).isEqualTo(4);

        inContent.say(" done\r\n.", "250 2.0.0");
        inChunk.send("x\r\n");
        inChunk.expect("250 2.0.0");
        addressing.say("DATA", "354");
        addressing.say(".", "250 2.0.0");
        assertThat(intake.messages()).hasSize(3);
        message(idle);
        message(inContent);
        idle.say("QUIT", "221");
        idle.expect("closed");
        new MemoryPeer(server, "smtp", full.newcomer).expect("220");
    }

    @Test
    void sessionsFinishWhileAFloodIsSentAway() throws Exception {
        try (SmtpServer server = server(limits(3, 100))) {
            Map<String, InetSocketAddress> addresses = server.start();
            try (var inContent = new SocketPeer(addresses.get("smtp"));
                    var idle = new SocketPeer(addresses.get("smtp"));
                    var underTls = new SocketPeer(addresses.get("smtps"))) {
                underTls.secure();
                for (var peer : List.of(inContent, idle, underTls)) {
                    peer.expect("220");
                    peer.say("EHLO x", "250");
                }
                toRecipient(inContent);
                inContent.say("DATA", "354");
                int before = asked.get();
                Thread flood = Thread.ofVirtual().start(() -> flood(addresses));
                for (int i = 0; i < 50; i++) {
                    inContent.send("a line of the content\r\n");
                    message(idle);
                    message(underTls);
                }
                inContent.say(".", "250 2.0.0");
                flood.join();
                assertThat(asked).hasValue(before);
                assertThat(server.refused()).isEqualTo(600);
                message(inContent);
            }
        }
        assertThat(intake.messages()).hasSize(102);
    }

    private static void flood(Map<String, InetSocketAddress> addresses) {
        for (int i = 0; i < 300; i++) {
            try (var plain = new SocketPeer(addresses.get("smtp"));
                    var secured = new SocketPeer(addresses.get("smtps"))) {
                plain.expect("421 4.7.0 Too many connections, ");
                plain.expect("closed");
                secured.expect("closed");
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private SmtpServer server(SmtpLimits limits) throws IOException {
        TestHooks.Connect counting =
                _ -> {
                    asked.incrementAndGet();
                    return Verdict.NO_OPINION;
                };
        return TestServers.with(
                Map.of(
                        "smtp",
                        ListenerConfig.of("127.0.0.1", 0, Kind.SMTP, Tls.STARTTLS),
                        "smtps",
                        ListenerConfig.of("127.0.0.1", 0, Kind.SMTP, Tls.IMPLICIT)),
                limits,
                Optional.of(TestTls.server()),
                intake,
                events::add,
                ManualClock.atNoon(),
                LOOPS,
                TestServers.plugin("counting", TestHooks.quick(counting)));
    }

    private static SmtpLimits limits(int all, int address, NetworkLimits... networks) {
        return new SmtpLimits(all, address, 2048, 100, 20, TIME, TIME)
                .with(
                        0,
                        10,
                        PaceLimits.DEFAULT,
                        new ClientLimits(List.of(), Duration.ofMinutes(1), List.of(networks)));
    }

    private static NetworkLimits network(int ipv6Prefix, int atOnce) {
        return new NetworkLimits(24, ipv6Prefix, atOnce, 0, 0, 0, 0, 0);
    }

    private static MemoryPeer connect(SmtpServer server) throws IOException {
        var peer = new MemoryPeer(server, "smtp", "2001:db8:1:1::1");
        peer.expect("220");
        peer.say("EHLO x", "250");
        return peer;
    }

    private static void toRecipient(Peer peer) throws IOException {
        peer.say("MAIL FROM:<mona@example.org>", "250");
        peer.say("RCPT TO:<leo@example.org>", "250");
    }

    private static void message(Peer peer) throws IOException {
        toRecipient(peer);
        peer.say("DATA", "354");
        peer.say(".", "250 2.0.0");
    }
}
