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
import org.posthorn.smtp.server.SmtpLimits;
import org.posthorn.smtp.server.SmtpServer;
import org.posthorn.smtp.tls.ServerTls;
import org.posthorn.testkit.ManualClock;
import org.posthorn.testkit.RecordingIntake;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a proxy in front says of its clients: the PROXY protocol, versions 1 and 2.
class ProxyProtocolTest {
    private static final EventLoops LOOPS = EventLoops.start(1);
    private static final String PROXY = "192.0.2.80";
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
    void takesTheClientFromVersion1() throws IOException {
        var peer = connect();
        send(peer, "PROXY TCP4 203.0.113.7 192.0.2.25 40007 25\r\nHELO x\r\n");
        expect(peer, "220");
        expect(peer, "250");
        Session session = sessions.getFirst();
        assertThat(session.client().getAddress()).isEqualTo(address("203.0.113.7"));
        assertThat(session.client().getPort()).isEqualTo(40_007);
        assertThat(session.local().getAddress()).isEqualTo(address("192.0.2.25"));
        assertThat(session.proxy().orElseThrow().address().getAddress()).isEqualTo(address(PROXY));
        message(peer);
        assertThat(intake.last().text()).startsWith("Received: from x ([203.0.113.7])");
    }

    @Test
    void takesTheClientFromVersion1OverIpv6() throws IOException {
        var peer = connect();
        send(peer, "PROXY TCP6 2001:db8::7 2001:db8::25 40007 25\r\n");
        expect(peer, "220");
        assertThat(sessions.getFirst().client().getAddress()).isEqualTo(address("2001:db8::7"));
    }

    @Test
    void takesTheClientFromVersion2() throws IOException {
        var peer = connect();
        peer.send(version2(0x21, 0x11, new byte[0]));
        expect(peer, "220");
        assertThat(sessions.getFirst().client().getAddress()).isEqualTo(address("203.0.113.7"));
        assertThat(sessions.getFirst().client().getPort()).isEqualTo(40_007);
    }

    @Test
    void keepsWhatVersion2SaysOfTheClientsTls() throws IOException {
        byte[] inner =
                joined(
                        new byte[] {0x07, 0, 0, 0, 0},
                        extra(0x21, "TLSv1.3"),
                        extra(0x22, "mona"),
                        extra(0x23, "TLS_AES_128_GCM_SHA256"));
        var peer = connect();
        peer.send(version2(0x21, 0x11, joined(extra(0x02, "mx.example.org"), extra(0x20, inner))));
        expect(peer, "220");
        Session.Proxy proxy = sessions.getFirst().proxy().orElseThrow();
        assertThat(proxy.authority()).contains("mx.example.org");
        assertThat(proxy.tls())
                .contains(new Session.Proxied("TLSv1.3", "TLS_AES_128_GCM_SHA256", "mona", true));
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
            peer.send(version2(0x21, 0x11, joined(extra(0x02, bad), extra(0x20, inner))));
            expect(peer, "220");
            Session.Proxy proxy = sessions.getFirst().proxy().orElseThrow();
            assertThat(proxy.authority()).as(bad).isEmpty();
            assertThat(proxy.tls()).contains(new Session.Proxied("", "", "", true));
            peer.close();
        }
    }

    @Test
    void takesTheProxyItselfForTheClientWhereItHasNone() throws IOException {
        byte[] local = version2(0x20, 0x00, new byte[0]);
        for (byte[] own : List.of(local, "PROXY UNKNOWN\r\n".getBytes(StandardCharsets.US_ASCII))) {
            sessions.clear();
            var peer = connect();
            peer.send(own);
            expect(peer, "220");
            assertThat(sessions.getFirst().client().getAddress()).isEqualTo(address(PROXY));
            assertThat(sessions.getFirst().proxy()).isEmpty();
        }
    }

    @Test
    void readsAHeaderThatComesInPieces() throws IOException {
        byte[] header = version2(0x21, 0x11, extra(0x02, "mx.example.org"));
        var peer = connect();
        for (byte octet : header) {
            assertThat(sessions).isEmpty();
            peer.send(new byte[] {octet});
        }
        expect(peer, "220");
        assertThat(sessions).hasSize(1);
    }

    @Test
    void closesWhereThereIsNoHeader() throws IOException {
        byte[] badVersion = version2(0x31, 0x11, new byte[0]);
        for (byte[] bad :
                List.of(
                        octets("EHLO client.example\r\n"),
                        octets("PROXY TCP4 203.0.113.7 192.0.2.25 40007\r\n"),
                        octets("PROXY TCP4 2001:db8::7 192.0.2.25 40007 25\r\n"),
                        octets("PROXY TCP4 203.0.113.7 192.0.2.25 70000 25\r\n"),
                        octets("PROXY TCP4 " + "1".repeat(120)),
                        badVersion,
                        version2(0x21, 0x11, new byte[4000]))) {
            var peer = connect();
            peer.send(bad);
            assertThat(peer.line()).isEmpty();
            assertThat(peer.octetsHeld()).isZero();
        }
        assertThat(sessions).isEmpty();
        assertThat(server.sessions()).isZero();
    }

    @Test
    void doesNotWaitLongForAHeader() throws IOException {
        var peer = connect();
        send(peer, "PROXY TCP4 ");
        peer.advance(Duration.ofSeconds(4));
        assertThat(peer.isOpen()).isTrue();
        peer.advance(Duration.ofSeconds(1));
        assertThat(peer.isOpen()).isFalse();
        assertThat(peer.octetsHeld()).isZero();
    }

    @Test
    void knowsNoHeaderFromAnybodyElse() throws IOException {
        var peer = new MemoryPeer(server, "smtp", "192.0.2.1");
        expect(peer, "220");
        send(peer, "PROXY TCP4 203.0.113.7 192.0.2.25 40007 25\r\n");
        expect(peer, "500");
        assertThat(sessions.getFirst().client().getAddress()).isEqualTo(address("192.0.2.1"));
    }

    @Test
    void countsTheClientsAndNotTheProxy() throws IOException {
        for (int i = 0; i < 2; i++) {
            var peer = connect();
            send(peer, "PROXY TCP4 203.0.113.7 192.0.2.25 40007 25\r\n");
            expect(peer, "220");
        }
        var three = connect();
        send(three, "PROXY TCP4 203.0.113.7 192.0.2.25 40007 25\r\n");
        expect(three, "421 4.7.0 Too many connections from your address");
        var other = connect();
        send(other, "PROXY TCP4 203.0.113.8 192.0.2.25 40007 25\r\n");
        expect(other, "220");
    }

    @Test
    void readsTheHeaderBeforeImplicitTls() throws IOException {
        try (SmtpServer real = server()) {
            try (var peer = new SocketPeer(real.start().get("smtps"))) {
                peer.send(version2(0x21, 0x11, new byte[0]));
                peer.secure();
                expect(peer, "220");
                assertThat(sessions.getFirst().client().getAddress())
                        .isEqualTo(address("203.0.113.7"));
            }
        }
    }

    private SmtpServer server() {
        var proxies =
                new ProxyProtocol(
                        List.of(Network.parse(PROXY + "/32"), Network.parse("127.0.0.0/8")));
        TestHooks.Connect noting =
                session -> {
                    sessions.add(session);
                    return Verdict.NO_OPINION;
                };
        Path files = Path.of("src/test/resources/tls");
        try {
            return TestServers.with(
                    Map.of(
                            "smtp",
                            listener(Tls.NONE, proxies),
                            "smtps",
                            listener(Tls.IMPLICIT, proxies)),
                    new SmtpLimits(100, 2, 512, 3, 4, Duration.ofMinutes(5), Duration.ofMinutes(3)),
                    Optional.of(
                            ServerTls.load(files.resolve("cert.pem"), files.resolve("key.pem"))),
                    intake,
                    _ -> {},
                    ManualClock.atNoon(),
                    LOOPS,
                    TestServers.plugin("noting", TestHooks.quick(noting)));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ListenerConfig listener(Tls tls, ProxyProtocol proxies) {
        return ListenerConfig.of("127.0.0.1", 0, Kind.SMTP, tls)
                .trusting(proxies, List.of(), List.of());
    }

    private MemoryPeer connect() {
        return new MemoryPeer(server, "smtp", PROXY);
    }

    /// From 203.0.113.7, port 40007, to 192.0.2.25, port 25.
    private static byte[] version2(int versionAndCommand, int family, byte[] extras) {
        byte[] addresses =
                family == 0
                        ? new byte[0]
                        : new byte[] {
                            (byte) 203, 0, 113, 7, (byte) 192, 0, 2, 25, (byte) 0x9c, 0x47, 0, 25
                        };
        int length = addresses.length + extras.length;
        return joined(
                SIGNATURE,
                new byte[] {
                    (byte) versionAndCommand, (byte) family, (byte) (length >> 8), (byte) length
                },
                addresses,
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

    private static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static InetAddress address(String text) {
        return InetAddress.ofLiteral(text);
    }

    private static void message(MemoryPeer peer) throws IOException {
        say(peer, "MAIL FROM:<>", "250");
        say(peer, "RCPT TO:<leo@example.org>", "250");
        say(peer, "DATA", "354");
        say(peer, ".", "250");
    }

    private static void send(Peer peer, String text) throws IOException {
        peer.send(octets(text));
    }

    private static void say(Peer peer, String line, String reply) throws IOException {
        send(peer, line + "\r\n");
        expect(peer, reply);
    }

    private static void expect(Peer peer, String reply) throws IOException {
        assertThat(peer.line()).hasValueSatisfying(line -> assertThat(line).startsWith(reply));
    }
}
