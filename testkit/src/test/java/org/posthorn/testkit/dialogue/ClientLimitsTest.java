package org.posthorn.testkit.dialogue;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.posthorn.api.net.Network;
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
        SmtpServer server = server(network(24, 64, 2, 0, 0, 0, 0));
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
    void countsConnectionsOfNarrowAndWideNetworks() throws IOException {
        SmtpServer server = server(network(32, 64, 2, 0, 0, 0, 0), network(32, 48, 3, 0, 0, 0, 0));
        var one = connect(server, "2001:db8:1:1::1");
        connect(server, "2001:db8:1:1::2");
        refused(server, "2001:db8:1:1::3", "421 4.7.0 Too many connections from your network");
        connect(server, "2001:db8:1:2::1");
        refused(server, "2001:db8:1:3::1", "421 4.7.0 Too many connections from your network");
        connect(server, "2001:db8:2::1");
        one.close();
        connect(server, "2001:db8:1:3::1");
    }

    @Test
    void countsWhatComesFromNarrowAndWideNetworks() throws IOException {
        SmtpServer server = server(network(32, 64, 0, 2, 0, 0, 0), network(32, 48, 0, 3, 0, 0, 0));
        for (int i = 0; i < 2; i++) {
            connect(server, "2001:db8:1:1::1").close();
        }
        for (int i = 0; i < 9; i++) {
            refused(server, "2001:db8:1:1::2", "421 4.7.0 Your network connects too often");
        }
        connect(server, "2001:db8:1:2::1").close();
        refused(server, "2001:db8:1:2::2", "421 4.7.0 Your network connects too often");
        refused(server, "2001:db8:1:3::1", "421 4.7.0 Your network connects too often");
        connect(server, "2001:db8:2::1");
    }

    @Test
    void limitsHowOftenANetworkConnects() throws IOException {
        SmtpServer server = server(network(24, 64, 0, 2, 0, 0, 0));
        connect(server, "192.0.2.1").close();
        connect(server, "192.0.2.2").close();
        refused(server, "192.0.2.1", "421 4.7.0 Your network connects too often");
        connect(server, "192.0.3.1");
        clock.advance(MINUTE.multipliedBy(2));
        connect(server, "192.0.2.1");
    }

    @Test
    void limitsHowOftenANetworkSends() throws IOException {
        SmtpServer server = server(network(24, 64, 0, 0, 2, 0, 0));
        var peer = connect(server, "192.0.2.1");
        peer.say("HELO x", "250");
        for (int i = 0; i < 2; i++) {
            peer.say("MAIL FROM:<>", "250");
            peer.say("RSET", "250");
        }
        peer.say("MAIL FROM:<>", "450 4.7.1 Your network sends too many messages");
        clock.advance(MINUTE.multipliedBy(2));
        peer.say("MAIL FROM:<>", "250");
    }

    @Test
    void limitsHowManyRecipientsANetworkNames() throws IOException {
        SmtpServer server = server(network(24, 64, 0, 0, 0, 2, 0));
        var peer = connect(server, "192.0.2.1");
        peer.say("HELO x", "250");
        peer.say("MAIL FROM:<>", "250");
        peer.say("RCPT TO:<leo@example.org>", "250");
        peer.say("RCPT TO:<nobody@elsewhere.example>", "550");
        peer.say("RCPT TO:<lea@example.org>", "450 4.7.1 Your network sends to too many");
    }

    @Test
    void limitsHowOftenANetworkBeginsTls() throws IOException {
        try (SmtpServer server = server(network(24, 64, 0, 0, 0, 0, 1))) {
            Map<String, InetSocketAddress> addresses = server.start();
            try (var peer = new SocketPeer(addresses.get("smtp"))) {
                peer.expect("220");
                peer.say("HELO x", "250");
                peer.say("STARTTLS", "220");
                peer.secure();
                peer.say("HELO x", "250");
            }
            try (var peer = new SocketPeer(addresses.get("smtp"))) {
                peer.expect("220");
                peer.say("HELO x", "250");
                peer.say("STARTTLS", "454 4.7.0 Your network begins TLS too often");
                peer.say("MAIL FROM:<>", "250");
            }
            try (var peer = new SocketPeer(addresses.get("smtps"))) {
                peer.expect("closed");
            }
        }
    }

    @Test
    void countsSendersRecipientsAndHandshakesOfWideNetworks() throws IOException {
        SmtpServer server = server(network(32, 64, 0, 0, 2, 2, 2), network(32, 48, 0, 0, 3, 3, 3));
        for (String client : List.of("2001:db8:1:1::1", "2001:db8:1:2::1", "2001:db8:1:3::1")) {
            var peer = connect(server, client);
            peer.say("EHLO x", "250");
            peer.say("MAIL FROM:<>", "250");
            peer.say("RCPT TO:<leo@example.org>", "250");
            peer.say("RSET", "250");
            peer.say("STARTTLS", "220");
        }
        var peer = connect(server, "2001:db8:1:4::1");
        peer.say("EHLO x", "250");
        peer.say("MAIL FROM:<>", "450 4.7.1 Your network sends too many messages");
        peer.say("STARTTLS", "454 4.7.0 Your network begins TLS too often");
        clock.advance(Duration.ofSeconds(100));
        peer.say("MAIL FROM:<>", "250");
        peer.say("RCPT TO:<leo@example.org>", "250");
        peer.say("RCPT TO:<leo@example.org>", "250");
        peer.say("RCPT TO:<leo@example.org>", "450 4.7.1 Your network sends to too many");
    }

    @Test
    void limitsNobodyWhoIsExempt() throws IOException {
        var narrow = network(24, 64, 1, 1, 1, 1, 1);
        SmtpServer server =
                server(
                        new ClientLimits(
                                List.of(Network.parse("192.0.2.0/28")), MINUTE, List.of(narrow)));
        for (int i = 0; i < 5; i++) {
            var peer = connect(server, "192.0.2.1");
            peer.say("HELO x", "250");
            peer.say("MAIL FROM:<>", "250");
            peer.say("RCPT TO:<leo@example.org>", "250");
        }
        connect(server, "192.0.2.16");
        refused(server, "192.0.2.17", "421 4.7.0");
    }

    @Test
    void takesSoManyMessagesOfOneSession() throws IOException {
        SmtpServer server = server(SmtpLimits.DEFAULT.with(2, 10, pace(), ClientLimits.DEFAULT));
        var peer = connect(server, "192.0.2.1");
        peer.say("HELO x", "250");
        for (int i = 0; i < 2; i++) {
            peer.say("MAIL FROM:<>", "250");
            peer.say("RCPT TO:<leo@example.org>", "250");
            peer.say("DATA", "354");
            peer.say(".", "250");
        }
        peer.say("MAIL FROM:<>", "421 4.7.0 Enough messages for one session");
        peer.expect("closed");
    }

    @Test
    void endsASessionOfUnknownCommands() throws IOException {
        SmtpServer server = server(SmtpLimits.DEFAULT.with(0, 3, pace(), ClientLimits.DEFAULT));
        var peer = connect(server, "192.0.2.1");
        peer.say("GET / HTTP/1.1", "500");
        peer.say("Host: mx.example.org", "500");
        peer.say("NOOP", "250");
        peer.say("Accept: */*", "421 4.7.0 Too many unknown commands");
        peer.expect("closed");
    }

    @Test
    void refusesLimitsThatMakeNoSense() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> network(33, 64, 0, 0, 0, 0, 0))
                .withMessageContaining("ipv4-prefix");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> network(24, 64, -1, 0, 0, 0, 0))
                .withMessageContaining("max-connections");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ClientLimits(List.of(), Duration.ZERO, List.of()))
                .withMessageContaining("rate-period");
    }

    private static PaceLimits pace() {
        return PaceLimits.DEFAULT;
    }

    private static NetworkLimits network(
            int ipv4Prefix,
            int ipv6Prefix,
            int atOnce,
            int connections,
            int messages,
            int recipients,
            int tls) {
        return new NetworkLimits(
                ipv4Prefix, ipv6Prefix, atOnce, connections, messages, recipients, tls, 0);
    }

    private SmtpServer server(NetworkLimits... networks) throws IOException {
        return server(new ClientLimits(List.of(), MINUTE, List.of(networks)));
    }

    private SmtpServer server(ClientLimits clients) throws IOException {
        return server(SmtpLimits.DEFAULT.with(0, 10, pace(), clients));
    }

    private SmtpServer server(SmtpLimits limits) throws IOException {
        return TestServers.with(
                Map.of(
                        "smtp",
                        ListenerConfig.of("127.0.0.1", 0, Kind.SMTP, Tls.STARTTLS),
                        "smtps",
                        ListenerConfig.of("127.0.0.1", 0, Kind.SMTP, Tls.IMPLICIT)),
                limits,
                Optional.of(TestTls.server()),
                intake,
                _ -> {},
                clock,
                LOOPS);
    }

    private static MemoryPeer connect(SmtpServer server, String client) throws IOException {
        var peer = new MemoryPeer(server, "smtp", client);
        peer.expect("220");
        return peer;
    }

    private static void refused(SmtpServer server, String client, String reply) throws IOException {
        var peer = new MemoryPeer(server, "smtp", client);
        peer.expect(reply);
        peer.expect("closed");
    }
}
