package org.posthorn.testkit.dialogue;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.posthorn.api.auth.Credentials;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.net.Network;
import org.posthorn.api.plugin.Hooks;
import org.posthorn.api.plugin.Session;
import org.posthorn.api.plugin.SessionHooks;
import org.posthorn.api.plugin.Transaction;
import org.posthorn.api.plugin.Verdict;
import org.posthorn.smtp.EventLoops;
import org.posthorn.smtp.server.ListenerConfig;
import org.posthorn.smtp.server.ListenerConfig.Kind;
import org.posthorn.smtp.server.ListenerConfig.Tls;
import org.posthorn.smtp.server.ProxyProtocol;
import org.posthorn.smtp.server.SmtpLimits;
import org.posthorn.smtp.server.SmtpServer;
import org.posthorn.testkit.ManualClock;
import org.posthorn.testkit.RecordingIntake;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What trusted peers say of those whom they speak for: XCLIENT and XFORWARD.
class SpokenForTest {
    private static final EventLoops LOOPS = EventLoops.startNio(1);

    private final List<InetAddress> joined = new ArrayList<>();
    private final List<Map<String, String>> forwarded = new ArrayList<>();
    private final List<Session> sessions = new ArrayList<>();
    private final RecordingIntake intake = new RecordingIntake();
    private final SmtpServer server = server();

    @AfterAll
    static void stop() {
        LOOPS.close();
    }

    @Test
    void offersToSpeakForOthersToTrustedPeersAlone() throws IOException {
        var trusted = connect("192.0.2.80");
        send(trusted, "EHLO filter.example");
        assertThat(reply(trusted))
                .contains("250-XCLIENT NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT")
                .contains("250 XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE");
        var stranger = connect("192.0.2.1");
        send(stranger, "EHLO x");
        assertThat(reply(stranger)).noneMatch(line -> line.contains("XCLIENT"));
        say(stranger, "XCLIENT ADDR=203.0.113.7", "550 5.7.0");
        say(stranger, "XFORWARD ADDR=203.0.113.7", "550 5.7.0");
        assertThat(sessions.getLast().client().getAddress()).isEqualTo(address("192.0.2.1"));
    }

    @Test
    void beginsAnewAsAnotherClient() throws IOException {
        var peer = connect("192.0.2.80");
        say(peer, "HELO filter.example", "250");
        say(
                peer,
                "XCLIENT NAME=client.example ADDR=203.0.113.7 PORT=40007 DESTADDR=192.0.2.26"
                        + " DESTPORT=26 HELO=x PROTO=ESMTP LOGIN=mona",
                "220 mx.example.org");
        Session session = sessions.getLast();
        assertThat(session.client().getAddress()).isEqualTo(address("203.0.113.7"));
        assertThat(session.client().getPort()).isEqualTo(40_007);
        assertThat(session.local().getAddress()).isEqualTo(address("192.0.2.26"));
        assertThat(session.local().getPort()).isEqualTo(26);
        assertThat(session.clientName()).contains("client.example");
        assertThat(session.authentication().orElseThrow().identity().name()).isEqualTo("mona");
        assertThat(joined).containsExactly(address("192.0.2.80"), address("203.0.113.7"));
        say(peer, "MAIL FROM:<>", "503");
        message(peer);
        assertThat(intake.last().text()).startsWith("Received: from y ([203.0.113.7])");
        say(peer, "XCLIENT ADDR=IPV6:2001:db8::7 NAME=[UNAVAILABLE]", "220");
        assertThat(session.client().getAddress()).isEqualTo(address("2001:db8::7"));
        assertThat(session.clientName()).isEmpty();
    }

    @Test
    void doesNotTakeAClientThatNobodyKnowsForItsPeer() throws IOException {
        say(connect("192.0.2.80"), "XCLIENT ADDR=[UNAVAILABLE]", "220");
        assertThat(sessions.getLast().client().getAddress()).isEqualTo(address("0.0.0.0"));
    }

    @Test
    void aClientWithoutAnAddressIsNotThePeer() throws IOException {
        var peer = connect("192.0.2.80");
        say(peer, "XCLIENT NAME=[UNAVAILABLE]", "220");
        assertThat(joined).containsExactly(address("192.0.2.80"), address("0.0.0.0"));
        message(peer);
        assertThat(intake.last().text()).startsWith("Received: from y ([0.0.0.0])");
        peer.close();
        assertThat(server.sessions()).isZero();
    }

    @Test
    void whoIsWithinThisMachineSpeaksForOthersOutside() throws IOException {
        var peer = connect("127.0.0.1");
        send(peer, "EHLO filter.example");
        assertThat(reply(peer)).anyMatch(line -> line.contains("AUTH"));
        say(peer, "XCLIENT ADDR=[TEMPUNAVAIL]", "220");
        send(peer, "EHLO client.example");
        assertThat(reply(peer)).noneMatch(line -> line.contains("AUTH"));
    }

    @Test
    void countsTheClientThatIsSpokenFor() throws IOException {
        for (int i = 0; i < 2; i++) {
            say(connect("192.0.2.80"), "XCLIENT ADDR=203.0.113.7", "220");
        }
        var three = connect("192.0.2.80");
        say(three, "XCLIENT ADDR=203.0.113.7", "421 4.7.0 Too many connections from your address");
        assertThat(three.line()).isEmpty();
        connect("192.0.2.80").close();
        assertThat(server.sessions()).isEqualTo(2);
        connect("192.0.2.80");
        connect("192.0.2.80");
    }

    @Test
    void keepsWhereOneMessageComesFrom() throws IOException {
        var peer = connect("192.0.2.80");
        say(peer, "HELO filter.example", "250");
        say(peer, "XFORWARD NAME=client.example ADDR=203.0.113.7 HELO=x PROTO=SMTP", "250");
        say(peer, "XFORWARD IDENT=q1 SOURCE=REMOTE", "250");
        message(peer);
        message(peer);
        assertThat(forwarded.getFirst())
                .containsEntry("NAME", "client.example")
                .containsEntry("ADDR", "203.0.113.7")
                .containsEntry("IDENT", "q1");
        assertThat(forwarded.getLast()).isEmpty();
        assertThat(sessions.getFirst().client().getAddress()).isEqualTo(address("192.0.2.80"));
    }

    @Test
    void keepsWhereAMessageComesFromThroughAGreeting() throws IOException {
        var peer = connect("192.0.2.80");
        say(peer, "XFORWARD ADDR=203.0.113.7", "250");
        say(peer, "HELO filter.example", "250");
        message(peer);
        assertThat(forwarded).containsExactly(Map.of("ADDR", "203.0.113.7"));
    }

    @Test
    void takesNeitherWithinATransactionNorWithBadAttributes() throws IOException {
        var peer = connect("192.0.2.80");
        say(peer, "XCLIENT", "501 5.5.4");
        say(peer, "XCLIENT ADDR=example.org", "501 5.5.4");
        say(peer, "XFORWARD LOGIN=x", "501 5.5.4");
        say(peer, "HELO filter.example", "250");
        say(peer, "MAIL FROM:<>", "250");
        say(peer, "XCLIENT ADDR=203.0.113.7", "503 5.5.1");
        say(peer, "XFORWARD ADDR=203.0.113.7", "503 5.5.1");
    }

    private SmtpServer server() {
        List<Network> trusted = List.of(Network.parse("192.0.2.80"), Network.parse("127.0.0.1"));
        return TestServers.with(
                Map.of(
                        "smtp",
                        ListenerConfig.of("127.0.0.1", 0, Kind.SMTP, Tls.NONE)
                                .with(ListenerConfig.Auth.OFFERED)
                                .trusting(ProxyProtocol.NONE, trusted, trusted)),
                new SmtpLimits(100, 2, 512, 3, 9, Duration.ofMinutes(5), Duration.ofMinutes(3)),
                Optional.empty(),
                intake,
                _ -> {},
                ManualClock.atNoon(),
                LOOPS,
                TestServers.plugin("noting", noting()));
    }

    private Hooks noting() {
        return new Hooks() {
            @Override
            public SessionHooks join(Session session) {
                joined.add(session.client().getAddress());
                sessions.add(session);
                return new SessionHooks() {
                    @Override
                    public Verdict rcpt(Transaction transaction, Recipient recipient) {
                        forwarded.add(session.forwarded());
                        return Verdict.NO_OPINION;
                    }
                };
            }

            @Override
            public boolean mayBlock() {
                return false;
            }

            @Override
            public List<Credentials> credentials() {
                return List.of(TestServers.mona());
            }
        };
    }

    private MemoryPeer connect(String client) throws IOException {
        var peer = new MemoryPeer(server, "smtp", client);
        expect(peer, "220");
        return peer;
    }

    private static void message(MemoryPeer peer) throws IOException {
        say(peer, "HELO y", "250");
        say(peer, "MAIL FROM:<>", "250");
        say(peer, "RCPT TO:<leo@example.org>", "250");
        say(peer, "DATA", "354");
        say(peer, ".", "250");
    }

    private static List<String> reply(MemoryPeer peer) throws IOException {
        List<String> lines = new ArrayList<>();
        do {
            lines.add(peer.line().orElseThrow());
        } while (lines.getLast().charAt(3) == '-');
        return lines;
    }

    private static InetAddress address(String text) {
        return InetAddress.ofLiteral(text);
    }

    private static void send(MemoryPeer peer, String line) {
        peer.send((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
    }

    private static void say(MemoryPeer peer, String line, String reply) throws IOException {
        send(peer, line);
        expect(peer, reply);
    }

    private static void expect(MemoryPeer peer, String reply) throws IOException {
        assertThat(peer.line()).hasValueSatisfying(line -> assertThat(line).startsWith(reply));
    }
}
