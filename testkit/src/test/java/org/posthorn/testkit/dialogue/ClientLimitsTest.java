package org.posthorn.testkit.dialogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.posthorn.api.net.Network;
import org.posthorn.smtp.EventLoops;
import org.posthorn.smtp.server.ClientLimits;
import org.posthorn.smtp.server.ListenerConfig;
import org.posthorn.smtp.server.ListenerConfig.Kind;
import org.posthorn.smtp.server.ListenerConfig.Tls;
import org.posthorn.smtp.server.PaceLimits;
import org.posthorn.smtp.server.SmtpLimits;
import org.posthorn.smtp.server.SmtpServer;
import org.posthorn.smtp.tls.ServerTls;
import org.posthorn.testkit.ManualClock;
import org.posthorn.testkit.RecordingIntake;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What the clients of one network may do together, and what one session may do in all.
class ClientLimitsTest {
    private static final EventLoops LOOPS = EventLoops.start(1);
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final RecordingIntake intake = new RecordingIntake();
    private final ManualClock clock = ManualClock.atNoon();

    @AfterAll
    static void stop() {
        LOOPS.close();
    }

    @Test
    void countsConnectionsOfANetworkTogether() throws IOException {
        SmtpServer server = server(limits(2, 0, 0, 0, 0, 0));
        var one = connect(server, "192.0.2.1");
        connect(server, "192.0.2.2");
        refused(server, "192.0.2.3", "421 4.7.0 Too many connections from your network");
        connect(server, "192.0.3.3");
        one.close();
        connect(server, "192.0.2.3");
        connect(server, "2001:db8:1:1::1");
        connect(server, "2001:db8:1:1::2");
        refused(server, "2001:db8:1:1::3", "421 4.7.0 Too many connections from your network");
        connect(server, "2001:db8:1:2::3");
    }

    @Test
    void countsConnectionsOfAnIpv6SiteTogether() throws IOException {
        SmtpServer server = server(limits(0, 2, 0, 0, 0, 0));
        var one = connect(server, "2001:db8:1:1::1");
        connect(server, "2001:db8:1:2::1");
        refused(server, "2001:db8:1:3::1", "421 4.7.0 Too many connections from your site");
        connect(server, "2001:db8:2::1");
        one.close();
        connect(server, "2001:db8:1:3::1");
        for (int i = 1; i < 5; i++) {
            connect(server, "192.0.2." + i);
        }
    }

    @Test
    void limitsHowOftenANetworkConnects() throws IOException {
        SmtpServer server = server(limits(0, 0, 2, 0, 0, 0));
        connect(server, "192.0.2.1").close();
        connect(server, "192.0.2.2").close();
        refused(server, "192.0.2.1", "421 4.7.0 Your network connects too often");
        connect(server, "192.0.3.1");
        clock.advance(MINUTE.multipliedBy(2));
        connect(server, "192.0.2.1");
    }

    @Test
    void limitsHowOftenANetworkSends() throws IOException {
        SmtpServer server = server(limits(0, 0, 0, 2, 0, 0));
        var peer = connect(server, "192.0.2.1");
        say(peer, "HELO x", "250");
        for (int i = 0; i < 2; i++) {
            say(peer, "MAIL FROM:<>", "250");
            say(peer, "RSET", "250");
        }
        say(peer, "MAIL FROM:<>", "450 4.7.1 Your network sends too many messages");
        clock.advance(MINUTE.multipliedBy(2));
        say(peer, "MAIL FROM:<>", "250");
    }

    @Test
    void limitsHowManyRecipientsANetworkNames() throws IOException {
        SmtpServer server = server(limits(0, 0, 0, 0, 2, 0));
        var peer = connect(server, "192.0.2.1");
        say(peer, "HELO x", "250");
        say(peer, "MAIL FROM:<>", "250");
        say(peer, "RCPT TO:<leo@example.org>", "250");
        say(peer, "RCPT TO:<nobody@elsewhere.example>", "550");
        say(peer, "RCPT TO:<lea@example.org>", "450 4.7.1 Your network sends to too many");
    }

    @Test
    void limitsHowOftenANetworkBeginsTls() throws IOException {
        try (SmtpServer server = server(limits(0, 0, 0, 0, 0, 1))) {
            Map<String, InetSocketAddress> addresses = server.start();
            try (var peer = new SocketPeer(addresses.get("smtp"))) {
                expect(peer, "220");
                say(peer, "HELO x", "250");
                say(peer, "STARTTLS", "220");
                peer.secure();
                say(peer, "HELO x", "250");
            }
            try (var peer = new SocketPeer(addresses.get("smtp"))) {
                expect(peer, "220");
                say(peer, "HELO x", "250");
                say(peer, "STARTTLS", "454 4.7.0 Your network begins TLS too often");
                say(peer, "MAIL FROM:<>", "250");
            }
            try (var peer = new SocketPeer(addresses.get("smtps"))) {
                assertThat(peer.line()).isEmpty();
            }
        }
    }

    @Test
    void limitsNobodyWhoIsExempt() throws IOException {
        ClientLimits none = limits(1, 1, 1, 1, 1, 1);
        ClientLimits exempt =
                new ClientLimits(
                        List.of(Network.parse("192.0.2.0/28")), 24, 64, 1, 1, MINUTE, 1, 1, 1, 1);
        SmtpServer server = server(exempt);
        for (int i = 0; i < 5; i++) {
            var peer = connect(server, "192.0.2.1");
            say(peer, "HELO x", "250");
            say(peer, "MAIL FROM:<>", "250");
            say(peer, "RCPT TO:<leo@example.org>", "250");
        }
        connect(server, "192.0.2.16");
        refused(server, "192.0.2.17", "421 4.7.0");
        assertThat(none).isNotEqualTo(exempt);
    }

    @Test
    void takesSoManyMessagesOfOneSession() throws IOException {
        SmtpServer server = server(SmtpLimits.DEFAULT.with(2, 10, pace(), ClientLimits.DEFAULT));
        var peer = connect(server, "192.0.2.1");
        say(peer, "HELO x", "250");
        for (int i = 0; i < 2; i++) {
            say(peer, "MAIL FROM:<>", "250");
            say(peer, "RCPT TO:<leo@example.org>", "250");
            say(peer, "DATA", "354");
            say(peer, ".", "250");
        }
        say(peer, "MAIL FROM:<>", "421 4.7.0 Enough messages for one session");
        assertThat(peer.line()).isEmpty();
    }

    @Test
    void endsASessionOfUnknownCommands() throws IOException {
        SmtpServer server = server(SmtpLimits.DEFAULT.with(0, 3, pace(), ClientLimits.DEFAULT));
        var peer = connect(server, "192.0.2.1");
        say(peer, "GET / HTTP/1.1", "500");
        say(peer, "Host: mx.example.org", "500");
        say(peer, "NOOP", "250");
        say(peer, "Accept: */*", "421 4.7.0 Too many unknown commands");
        assertThat(peer.line()).isEmpty();
    }

    @Test
    void refusesLimitsThatMakeNoSense() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ClientLimits(List.of(), 33, 64, 0, 0, MINUTE, 0, 0, 0, 0))
                .withMessageContaining("ipv4-prefix");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> limits(-1, 0, 0, 0, 0, 0))
                .withMessageContaining("max-connections-per-prefix");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> new ClientLimits(List.of(), 24, 64, 0, 0, Duration.ZERO, 0, 0, 0, 0))
                .withMessageContaining("rate-period");
    }

    private static PaceLimits pace() {
        return PaceLimits.DEFAULT;
    }

    private static ClientLimits limits(
            int perPrefix, int perSite, int connections, int messages, int recipients, int tls) {
        return new ClientLimits(
                List.of(),
                24,
                64,
                perPrefix,
                perSite,
                MINUTE,
                connections,
                messages,
                recipients,
                tls);
    }

    private SmtpServer server(ClientLimits clients) throws IOException {
        return server(SmtpLimits.DEFAULT.with(0, 10, pace(), clients));
    }

    private SmtpServer server(SmtpLimits limits) throws IOException {
        Path files = Path.of("src/test/resources/tls");
        return TestServers.with(
                Map.of(
                        "smtp",
                        ListenerConfig.of("127.0.0.1", 0, Kind.SMTP, Tls.STARTTLS),
                        "smtps",
                        ListenerConfig.of("127.0.0.1", 0, Kind.SMTP, Tls.IMPLICIT)),
                limits,
                Optional.of(ServerTls.load(files.resolve("cert.pem"), files.resolve("key.pem"))),
                intake,
                _ -> {},
                clock,
                LOOPS);
    }

    private static MemoryPeer connect(SmtpServer server, String client) throws IOException {
        var peer = new MemoryPeer(server, "smtp", client);
        expect(peer, "220");
        return peer;
    }

    private static void refused(SmtpServer server, String client, String reply) throws IOException {
        var peer = new MemoryPeer(server, "smtp", client);
        expect(peer, reply);
        assertThat(peer.line()).isEmpty();
    }

    private static void say(Peer peer, String line, String reply) throws IOException {
        peer.send((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
        expect(peer, reply);
    }

    private static void expect(Peer peer, String reply) throws IOException {
        assertThat(peer.line()).hasValueSatisfying(line -> assertThat(line).startsWith(reply));
    }
}
