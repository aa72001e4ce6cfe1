package org.posthorn.testkit.dialogue;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.posthorn.api.net.Network;
import org.posthorn.api.plugin.Session;
import org.posthorn.api.plugin.Verdict;
import org.posthorn.smtp.EventLoops;
import org.posthorn.smtp.server.ListenerConfig;
import org.posthorn.smtp.server.ListenerConfig.Kind;
import org.posthorn.smtp.server.ListenerConfig.Tls;
import org.posthorn.smtp.server.ProxyProtocol;
import org.posthorn.smtp.server.SmtpServer;
import org.posthorn.testkit.ManualClock;
import org.posthorn.testkit.RecordingIntake;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What proxies and filters in front say of their clients, beyond what scripts can say.
class SpokenForTest {
    private static final EventLoops LOOPS = EventLoops.start(1);
    private static final String PROXY = "192.0.2.80";
    private static final List<Network> TRUSTED = List.of(Network.parse(PROXY));
    private static final byte[] SIGNATURE = {
        0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a
    };

    private final List<Session> sessions = new ArrayList<>();
    private final RecordingIntake intake = new RecordingIntake();
    private final SmtpServer server = server();

    @AfterAll
    static void stop() {
        LOOPS.close();
    }

    @Test
    void dropsTextsThatNobodyCanUse() throws IOException {
        for (String bad :
                List.of(
                        "",
                        "mx.example.org\r\nX: y",
                        "mx.example.org\0",
                        "mx example",
                        "\u001b[2Jmx.example.org",
                        "a".repeat(64),
                        "abcdefg.".repeat(32) + "org")) {
            byte[] inner = joined(new byte[] {0x07, 0, 0, 0, 0}, extra(0x22, "mona\r\n" + bad));
            sessions.clear();
            var peer = connect();
            peer.send(version2(joined(extra(0x02, bad), extra(0x20, inner))));
            peer.expect("220");
            Session.Proxy proxy = sessions.getFirst().proxy().orElseThrow();
            assertThat(proxy.authority()).as(bad).isEmpty();
            assertThat(proxy.tls()).contains(new Session.Proxied("", "", "", true));
            peer.close();
        }
    }

    @Test
    void doesNotWaitLongForAHeader() throws IOException {
        var peer = connect();
        peer.send("PROXY TCP4 ");
        peer.advance(Duration.ofSeconds(4));
        assertThat(peer.isOpen()).isTrue();
        peer.advance(Duration.ofSeconds(1));
        assertThat(peer.isOpen()).isFalse();
        assertThat(peer.octetsHeld()).isZero();
    }

    @Test
    void countsTheClientsAndNotTheProxy() throws IOException {
        for (int i = 0; i < 2; i++) {
            var peer = connect();
            peer.send("PROXY TCP4 203.0.113.7 192.0.2.25 40007 25\r\n");
            peer.expect("220");
        }
        var three = connect();
        three.send("PROXY TCP4 203.0.113.7 192.0.2.25 40007 25\r\n");
        three.expect("421 4.7.0 Too many connections from your address");
        var other = connect();
        other.send("PROXY TCP4 203.0.113.8 192.0.2.25 40007 25\r\n");
        other.expect("220");
    }

    @Test
    void countsTheClientsAndNotTheFilter() throws IOException {
        for (int i = 0; i < 2; i++) {
            filter().say("XCLIENT ADDR=203.0.113.7", "220");
        }
        var three = filter();
        three.say("XCLIENT ADDR=203.0.113.7", "421 4.7.0 Too many connections from your address");
        three.expect("closed");
        filter().close();
        assertThat(server.sessions()).isEqualTo(2);
        filter();
        filter();
    }

    @Test
    void whatAPeerSaysOfAMessageTravelsWithIt() throws IOException {
        var peer = filter();
        peer.say("EHLO filter.example", "250");
        peer.say("XFORWARD NAME=[UNAVAILABLE] ADDR=203.0.113.7", "250");
        message(peer);
        assertThat(intake.last().submission().metadata())
                .containsEntry("forwarded-name", "")
                .containsEntry("forwarded-addr", "203.0.113.7")
                .containsEntry("client", PROXY);
        message(peer);
        assertThat(intake.last().submission().metadata())
                .doesNotContainKeys("forwarded-name", "forwarded-addr");
    }

    private static void message(MemoryPeer peer) throws IOException {
        peer.say("MAIL FROM:<>", "250");
        peer.say("RCPT TO:<leo@example.org>", "250");
        peer.say("DATA", "354");
        peer.say(".", "250");
    }

    private MemoryPeer filter() throws IOException {
        var peer = new MemoryPeer(server, "filtered", PROXY);
        peer.expect("220");
        return peer;
    }

    private SmtpServer server() {
        var smtp = ListenerConfig.of("127.0.0.1", 0, Kind.SMTP, Tls.NONE);
        TestHooks.Connect noting =
                session -> {
                    sessions.add(session);
                    return Verdict.NO_OPINION;
                };
        return TestServers.with(
                Map.of(
                        "smtp",
                        smtp.trusting(new ProxyProtocol(TRUSTED), List.of(), List.of()),
                        "filtered",
                        smtp.trusting(ProxyProtocol.NONE, TRUSTED, TRUSTED)),
                TestServers.SMALL_LIMITS,
                Optional.empty(),
                intake,
                _ -> {},
                ManualClock.atNoon(),
                LOOPS,
                TestServers.plugin("noting", TestHooks.quick(noting)));
    }

    private MemoryPeer connect() {
        return new MemoryPeer(server, "smtp", PROXY);
    }

    /// From 203.0.113.7, port 40007, to 192.0.2.25, port 25.
    private static byte[] version2(byte[] extras) {
        int length = 12 + extras.length;
        return joined(
                SIGNATURE,
                new byte[] {0x21, 0x11, (byte) (length >> 8), (byte) length},
                new byte[] {(byte) 203, 0, 113, 7, (byte) 192, 0, 2, 25, (byte) 0x9c, 0x47, 0, 25},
                extras);
    }

    private static byte[] extra(int type, String text) {
        return extra(type, text.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] extra(int type, byte[] value) {
        return joined(
                new byte[] {(byte) type, (byte) (value.length >> 8), (byte) value.length}, value);
    }

    private static byte[] joined(byte[]... parts) {
        var all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
