package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.posthorn.api.dns.RecordType;
import org.posthorn.api.mail.Content;
import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.Parameters;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.mail.ReversePath;
import org.posthorn.queue.Job;
import org.posthorn.smtp.EventLoops;
import org.posthorn.smtp.client.BareLineEnds;
import org.posthorn.smtp.client.ClientTimeouts;
import org.posthorn.smtp.client.ClientTls;
import org.posthorn.smtp.client.SmtpClient;
import org.posthorn.testkit.InMemoryDns;
import org.posthorn.testkit.remote.MailSink;
import org.posthorn.testkit.remote.RemoteTls;
import org.posthorn.testkit.remote.ScriptedRemote;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;

/// What an attempt does with the extensions of servers, with TLS levels and with logins.
@Timeout(60)
class OutgoingExtensionsTest {
    private static final EventLoops LOOPS = EventLoops.start(1);
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final Content LETTER = Mail.content("Subject: x\r\n\r\nHello\r\n");
    private static final Map<String, String> RELAXED = Map.of("tls-required", "no");
    private static RemoteTls tls;

    @TempDir private static Path directory;

    private final InMemoryDns zone = new InMemoryDns();
    private final MemoryQueue queue = new MemoryQueue();
    private Instant now = NOON;
    private int mxPort = 25;
    private ClientTls trust = trusting();

    private static ClientTls trusting() {
        try {
            return ClientTls.trusting(tls.authority());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @BeforeAll
    static void certify() throws Exception {
        tls = RemoteTls.selfSigned("mx.example", directory);
    }

    @AfterAll
    static void close() {
        LOOPS.close();
    }

    private List<Result> attempt(RouteConfig route, Envelope envelope) throws InterruptedException {
        return attempt(route, envelope, LETTER);
    }

    private List<Result> attempt(RouteConfig route, Envelope envelope, Content content)
            throws InterruptedException {
        return attempt(route, queue.offer(envelope, content, NOON));
    }

    private List<Result> attempt(RouteConfig route, Job job) throws InterruptedException {
        var config =
                new DeliveryConfig(
                        mxPort,
                        5,
                        100,
                        SessionsConfig.STANDARD,
                        ClientTimeouts.STANDARD,
                        BareLineEnds.REJECT,
                        Optional.empty(),
                        Duration.ofSeconds(20));
        var client =
                new SmtpClient(
                        LOOPS, ClientTimeouts.all(Duration.ofSeconds(20)), trust, new Random(1));
        var attempts =
                Attempts.of(
                        config,
                        Schedules.routes(route),
                        new LocalHost("us.example", List.of()),
                        new Delivery.Surroundings(
                                queue,
                                zone,
                                client,
                                OutgoingTls.simple(zone, () -> now),
                                _ -> {},
                                () -> now,
                                new Random(1),
                                _ -> {},
                                LOOPS::after));
        return ((Attempt.Tried) attempts.at(job)).results();
    }

    private static List<String> said(List<Result> results) {
        return results.stream().map(it -> it.outcome().reply().toString()).toList();
    }

    private static RouteConfig to(ScriptedRemote remote) {
        return new RouteConfig(List.of("*"), "smtp://127.0.0.1:" + remote.address().getPort());
    }

    private static RouteConfig to(ScriptedRemote remote, TlsLevel level) {
        return new RouteConfig(List.of("*"), to(remote).to(), level, Optional.empty());
    }

    private static Envelope envelope(Map<String, String> parameters, String... recipients) {
        return new Envelope(
                ReversePath.of(Mailbox.parse("mona@sender.example")),
                new Parameters(parameters),
                Mail.to(recipients).recipients());
    }

    /// A domain whose exchangers are `mx.example` at 127.0.0.1, and others before it.
    private RouteConfig mx(ScriptedRemote remote, TlsLevel level) {
        mxPort = remote.address().getPort();
        zone.mx("a.example", 20, "mx.example")
                .address("mx.example", "127.0.0.1")
                .signed("a.example", RecordType.MX);
        return new RouteConfig(List.of("*"), "mx", level, Optional.empty());
    }

    @Test
    void putsNoMoreIntoATransactionAndASessionThanTheServerTakes() throws Exception {
        MailSink sink = new MailSink().offering("PIPELINING", "LIMITS RCPTMAX=2 MAILMAX=2");
        try (var remote = ScriptedRemote.playing(sink)) {
            List<Result> results =
                    attempt(
                            to(remote),
                            Mail.to(
                                    "a@a.example",
                                    "b@a.example",
                                    "c@a.example",
                                    "d@a.example",
                                    "e@a.example"));
            assertThat(said(results)).hasSize(5).containsOnly("250 2.0.0 Taken");
            assertThat(sink.next().rcpt()).hasSize(2);
            assertThat(sink.next().rcpt()).hasSize(2);
            assertThat(sink.next().rcpt()).hasSize(1);
            assertThat(remote.connections()).isEqualTo(2);
        }
    }

    @Test
    void putsNoMoreDomainsIntoATransactionThanTheServerTakes() throws Exception {
        MailSink sink = new MailSink().offering("LIMITS RCPTDOMAINMAX=1");
        try (var remote = ScriptedRemote.playing(sink)) {
            attempt(to(remote), Mail.to("a@a.example", "b@b.example", "c@a.example"));
            assertThat(sink.next().rcpt())
                    .containsExactly("RCPT TO:<a@a.example>", "RCPT TO:<c@a.example>");
            assertThat(sink.next().rcpt()).containsExactly("RCPT TO:<b@b.example>");
        }
    }

    @Test
    void keepsWhatEachRecipientsServerSaysBehindTheContent() throws Exception {
        MailSink sink =
                new MailSink()
                        .offering("PRDR")
                        .ending(
                                line ->
                                        line.contains("strict")
                                                ? "550 5.7.1 Not for me"
                                                : "250 2.0.0 Taken");
        try (var remote = ScriptedRemote.playing(sink)) {
            assertThat(said(attempt(to(remote), Mail.to("strict@a.example", "leo@a.example"))))
                    .containsExactly("550 5.7.1 Not for me", "250 2.0.0 Taken");
        }
    }

    @ParameterizedTest
    @CsvSource({"DSN,PASSED_ON", "PIPELINING,RELAYED"})
    void knowsWhoReportsSuccess(String offered, Reach reach) throws Exception {
        MailSink sink = new MailSink().offering(offered);
        try (var remote = ScriptedRemote.playing(sink)) {
            assertThat(attempt(to(remote), Mail.to("leo@a.example")).getFirst().reach())
                    .isEqualTo(reach);
        }
    }

    @Test
    void deliversForGoodByLmtp() throws Exception {
        try (var remote = ScriptedRemote.playing(new MailSink().lmtp())) {
            var route =
                    new RouteConfig(List.of("*"), "lmtp://127.0.0.1:" + remote.address().getPort());
            Envelope urgent = envelope(Map.of("BY", "120;R", "REQUIRETLS", ""), "leo@a.example");
            Result result = attempt(route, urgent).getFirst();
            assertThat(result.outcome().reply().isSuccess()).isTrue();
            assertThat(result.reach()).isEqualTo(Reach.DELIVERED);
        }
    }

    @Test
    void handsOnTheTimeThatIsLeft() throws Exception {
        MailSink sink = new MailSink().offering("DELIVERBY", "DSN");
        try (var remote = ScriptedRemote.playing(sink)) {
            now = NOON.plusSeconds(20);
            assertThat(
                            attempt(to(remote), envelope(Map.of("BY", "120;R"), "leo@a.example"))
                                    .getFirst()
                                    .reach())
                    .isEqualTo(Reach.PASSED_ON);
            assertThat(sink.next().mail()).endsWith(" BY=100;R");
            now = NOON.plusSeconds(130);
            assertThat(
                            attempt(to(remote), envelope(Map.of("BY", "120;NT"), "leo@a.example"))
                                    .getFirst()
                                    .reach())
                    .isEqualTo(Reach.TRACED);
            assertThat(sink.next().mail()).endsWith(" BY=-10;NT");
        }
    }

    @Test
    void countsTheTimeThatIsLeftFromTheReleaseOfMailForLater() throws Exception {
        MailSink sink = new MailSink().offering("DELIVERBY");
        try (var remote = ScriptedRemote.playing(sink)) {
            now = NOON.plusSeconds(604_820);
            Envelope later = envelope(Map.of("HOLDFOR", "604800", "BY", "120;R"), "leo@a.example");
            assertThat(said(attempt(to(remote), later))).containsExactly("250 2.0.0 Taken");
            assertThat(sink.next().mail()).endsWith(" BY=100;R");
        }
    }

    @Test
    void handsOnNoMoreDigitsThanATimeHas() throws Exception {
        MailSink sink = new MailSink().offering("DELIVERBY");
        try (var remote = ScriptedRemote.playing(sink)) {
            now = NOON.plusSeconds(20);
            attempt(to(remote), envelope(Map.of("BY", "-999999999;N"), "leo@a.example"));
            assertThat(sink.next().mail()).endsWith(" BY=-999999999;N");
        }
    }

    @Test
    void doesNotTryMailWhoseTimeIsOver() throws Exception {
        MailSink sink = new MailSink().offering("DELIVERBY");
        try (var remote = ScriptedRemote.playing(sink)) {
            now = NOON.plusSeconds(120);
            assertThat(said(attempt(to(remote), envelope(Map.of("BY", "120;R"), "leo@a.example"))))
                    .singleElement()
                    .asString()
                    .startsWith("554 5.4.7");
            assertThat(remote.connections()).isZero();
        }
    }

    @Test
    void tellsOfAServerThatDoesNotKnowOfTheTime() throws Exception {
        MailSink sink = new MailSink().offering("DSN");
        try (var remote = ScriptedRemote.playing(sink)) {
            assertThat(
                            attempt(to(remote), envelope(Map.of("BY", "120;N"), "leo@a.example"))
                                    .getFirst()
                                    .reach())
                    .isEqualTo(Reach.TRACED);
        }
    }

    @Test
    void sendsMailThatRequiresTlsToAServerThatIsVerifiedAndOffersIt() throws Exception {
        MailSink sink = new MailSink().offering("REQUIRETLS").secured(tls.context());
        Envelope strict = envelope(Map.of("REQUIRETLS", ""), "leo@a.example");
        try (var remote = ScriptedRemote.playing(sink)) {
            assertThat(said(attempt(mx(remote, TlsLevel.MAY), strict)))
                    .containsExactly("250 2.0.0 Taken");
            MailSink.Arrived arrived = sink.next();
            assertThat(arrived.secured()).isTrue();
            assertThat(arrived.mail()).endsWith(" REQUIRETLS");

            trust = ClientTls.standard();
            assertThat(said(attempt(mx(remote, TlsLevel.MAY), strict)))
                    .singleElement()
                    .asString()
                    .startsWith("554 5.7.10");
        }
        MailSink lax = new MailSink().secured(tls.context());
        trust = trusting();
        try (var remote = ScriptedRemote.playing(lax)) {
            for (Map<String, String> facts : List.of(Map.<String, String>of(), RELAXED)) {
                Job job = queue.offer(strict, LETTER, NOON, facts);
                assertThat(said(attempt(mx(remote, TlsLevel.MAY), job)))
                        .singleElement()
                        .asString()
                        .startsWith("554 5.7.30");
            }
        }
        assertThat(lax.waiting()).isZero();
    }

    /// All exchangers of a domain are to keep the time, or none (RFC 2852 §7).
    @Test
    void doesNotLookForAnExchangerThatKeepsTheTime() throws Exception {
        MailSink keeping = new MailSink().offering("DELIVERBY");
        try (var remote = ScriptedRemote.playing(keeping)) {
            var first =
                    new InetSocketAddress(
                            InetAddress.ofLiteral("127.0.0.2"), remote.address().getPort());
            try (var _ = ScriptedRemote.playing(first, new MailSink())) {
                zone.mx("a.example", 10, "lax.example").address("lax.example", "127.0.0.2");
                Envelope soon = envelope(Map.of("BY", "120;R"), "leo@a.example");
                assertThat(said(attempt(mx(remote, TlsLevel.MAY), soon)))
                        .singleElement()
                        .asString()
                        .startsWith("554 5.3.3");
                assertThat(remote.connections()).isZero();
            }
        }
    }

    @Test
    void losesNoReportOverTheTlsThatItsMailRequired() throws Exception {
        var report =
                new Envelope(
                        ReversePath.NULL,
                        new Parameters(Map.of("REQUIRETLS", "")),
                        Mail.to("mona@a.example").recipients());
        MailSink good = new MailSink().offering("REQUIRETLS").secured(tls.context());
        MailSink lax = new MailSink();
        for (MailSink sink : List.of(good, lax)) {
            try (var remote = ScriptedRemote.playing(sink)) {
                for (ClientTls trusted : List.of(trusting(), ClientTls.standard())) {
                    trust = trusted;
                    assertThat(said(attempt(mx(remote, TlsLevel.MAY), report)))
                            .containsExactly("250 2.0.0 Taken");
                    assertThat(sink.next().mail())
                            .isEqualTo("MAIL FROM:<>" + (sink == good ? " REQUIRETLS" : ""));
                }
            }
        }
    }

    @Test
    void triesTheNextHostForMailThatRequiresTls() throws Exception {
        MailSink lax = new MailSink();
        MailSink good = new MailSink().offering("REQUIRETLS").secured(tls.context());
        try (var remote = ScriptedRemote.playing(good)) {
            var first =
                    new InetSocketAddress(
                            InetAddress.ofLiteral("127.0.0.2"), remote.address().getPort());
            try (var other = ScriptedRemote.playing(first, lax)) {
                zone.mx("a.example", 10, "lax.example").address("lax.example", "127.0.0.2");
                assertThat(
                                said(
                                        attempt(
                                                mx(remote, TlsLevel.MAY),
                                                envelope(
                                                        Map.of("REQUIRETLS", ""),
                                                        "leo@a.example"))))
                        .containsExactly("250 2.0.0 Taken");
                assertThat(other.connections()).isEqualTo(1);
            }
        }
    }

    @Test
    void waitsForAHostThatIsDownThoughAnotherIsNotFit() throws Exception {
        MailSink lax = new MailSink();
        try (var remote = ScriptedRemote.playing(lax)) {
            zone.mx("a.example", 10, "down.example").address("down.example", "127.0.0.9");
            assertThat(
                            said(
                                    attempt(
                                            mx(remote, TlsLevel.MAY),
                                            envelope(Map.of("REQUIRETLS", ""), "leo@a.example"))))
                    .singleElement()
                    .asString()
                    .startsWith("421 4.4.1");
        }
    }

    @Test
    void keepsMailWhereTheRouteAsksForTlsThatIsNotThere() throws Exception {
        MailSink sink = new MailSink();
        try (var remote = ScriptedRemote.playing(sink)) {
            assertThat(said(attempt(to(remote, TlsLevel.ENCRYPT), Mail.to("leo@a.example"))))
                    .singleElement()
                    .asString()
                    .startsWith("454 4.7.10");
        }
        assertThat(sink.waiting()).isZero();
    }

    @Test
    void verifiesWhereTheRouteAsksForIt() throws Exception {
        MailSink sink = new MailSink().secured(tls.context());
        try (var remote = ScriptedRemote.playing(sink)) {
            assertThat(said(attempt(to(remote, TlsLevel.VERIFY), Mail.to("leo@a.example"))))
                    .containsExactly("250 2.0.0 Taken");
            trust = ClientTls.standard();
            assertThat(said(attempt(to(remote, TlsLevel.VERIFY), Mail.to("leo@a.example"))))
                    .singleElement()
                    .asString()
                    .startsWith("454 4.7.5");
            assertThat(said(attempt(to(remote, TlsLevel.ENCRYPT), Mail.to("leo@a.example"))))
                    .containsExactly("250 2.0.0 Taken");
            assertThat(said(attempt(to(remote, TlsLevel.NONE), Mail.to("leo@a.example"))))
                    .containsExactly("250 2.0.0 Taken");
        }
        assertThat(List.of(sink.next().secured(), sink.next().secured(), sink.next().secured()))
                .containsExactly(true, true, false);
    }

    @Test
    void passesOverATlsPolicyOfTheRecipientsSideWhereTheSenderAsksForThat() throws Exception {
        MailSink sink = new MailSink();
        Envelope letter = Mail.to("leo@a.example");
        try (var remote = ScriptedRemote.playing(sink)) {
            for (TlsLevel level : List.of(TlsLevel.VERIFY, TlsLevel.DANE)) {
                RouteConfig mx = mx(remote, level);
                assertThat(said(attempt(mx, queue.offer(letter, LETTER, NOON, RELAXED))))
                        .containsExactly("250 2.0.0 Taken");
                assertThat(said(attempt(mx, letter)))
                        .singleElement()
                        .asString()
                        .startsWith("454 4.7.10");
            }
            RouteConfig ours = to(remote, TlsLevel.VERIFY);
            assertThat(said(attempt(ours, queue.offer(letter, LETTER, NOON, RELAXED))))
                    .singleElement()
                    .asString()
                    .startsWith("454 4.7.10");
        }
    }

    @Test
    void speaksTlsAtOnceOnSmtps() throws Exception {
        MailSink sink = new MailSink().securedAtOnce(tls.context());
        try (var remote = ScriptedRemote.playing(sink)) {
            String to = "smtps://127.0.0.1:" + remote.address().getPort();
            for (TlsLevel level : List.of(TlsLevel.MAY, TlsLevel.VERIFY)) {
                var route = new RouteConfig(List.of("*"), to, level, Optional.empty());
                assertThat(said(attempt(route, Mail.to("leo@a.example"))))
                        .containsExactly("250 2.0.0 Taken");
                assertThat(sink.next().secured()).isTrue();
            }
        }
    }

    private RouteConfig login(ScriptedRemote remote, String secret) throws IOException {
        Path file = Files.writeString(directory.resolve("secret"), secret);
        return new RouteConfig(
                List.of("*"),
                to(remote).to(),
                TlsLevel.MAY,
                Optional.of(new LoginConfig("mona", Optional.of(file), Optional.empty(), false)));
    }

    @Test
    void logsInWithWhatTheFileSaysNow() throws Exception {
        List<String> heard = new ArrayList<>();
        MailSink sink =
                new MailSink()
                        .loggingIn(
                                (client, line) -> {
                                    heard.add(line);
                                    client.say(
                                            line.endsWith(" AG1vbmEAcmlnaHQ=")
                                                    ? "235 2.7.0 Ok"
                                                    : "535 5.7.8 No");
                                },
                                "PLAIN");
        try (var remote = ScriptedRemote.playing(sink)) {
            assertThat(said(attempt(login(remote, "wrong\n"), Mail.to("leo@a.example"))))
                    .singleElement()
                    .asString()
                    .startsWith("421 4.7.8");
            assertThat(sink.waiting()).isZero();
            assertThat(said(attempt(login(remote, "right\n"), Mail.to("leo@a.example"))))
                    .containsExactly("250 2.0.0 Taken");
            assertThat(heard).hasSize(2);
            assertThat(said(attempt(login(remote, ""), Mail.to("leo@a.example"))))
                    .singleElement()
                    .asString()
                    .startsWith("451 4.3.5");
        }
    }

    @ParameterizedTest
    @MethodSource
    void tellsAServerThatAsksWhereMailCameFrom(Map<String, String> facts, String xforward)
            throws Exception {
        MailSink sink = new MailSink().offering("XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE");
        try (var remote = ScriptedRemote.playing(sink)) {
            var route =
                    new RouteConfig(
                            List.of("*"),
                            to(remote).to(),
                            TlsLevel.MAY,
                            Optional.empty(),
                            Optional.empty(),
                            List.of(),
                            true);
            attempt(route, queue.offer(Mail.to("leo@a.example"), LETTER, NOON, facts));
            assertThat(remote.heard().get(1)).isEqualTo("XFORWARD " + xforward);
            sink.next();
            attempt(to(remote), queue.offer(Mail.to("leo@a.example"), LETTER, NOON, facts));
            assertThat(remote.heard()).filteredOn(it -> it.startsWith("XFORWARD")).hasSize(1);
        }
    }

    static Stream<Arguments> tellsAServerThatAsksWhereMailCameFrom() {
        String unknown = "[UNAVAILABLE]";
        return Stream.of(
                arguments(
                        Map.of(
                                "client",
                                "2001:db8:0:0:0:0:0:1",
                                "client-port",
                                "1025",
                                "client-name",
                                "c.example",
                                "helo",
                                "x",
                                "protocol",
                                "ESMTPSA"),
                        "NAME=c.example ADDR=IPV6:2001:db8:0:0:0:0:0:1 PORT=1025 PROTO=ESMTP HELO=x"
                                + " IDENT=message0001 SOURCE=REMOTE"),
                arguments(
                        Map.of("client", "0.0.0.0", "client-port", "0", "protocol", "SMTP"),
                        "NAME=%1$s ADDR=%1$s PORT=%1$s PROTO=SMTP HELO=%1$s".formatted(unknown)
                                + " IDENT=message0001 SOURCE=REMOTE"),
                arguments(
                        Map.of(
                                "client",
                                "127.0.0.1",
                                "helo",
                                "filter",
                                "forwarded-addr",
                                "192.0.2.7",
                                "forwarded-ident",
                                "q1",
                                "forwarded-name",
                                ""),
                        "NAME=%1$s ADDR=192.0.2.7 PORT=%1$s PROTO=%1$s HELO=%1$s IDENT=q1 SOURCE=%1$s"
                                .formatted(unknown)),
                arguments(
                        Map.of(),
                        "NAME=%1$s ADDR=%1$s PORT=%1$s PROTO=%1$s HELO=%1$s".formatted(unknown)
                                + " IDENT=message0001 SOURCE=LOCAL"));
    }

    @Test
    void handsOnRecipientsParameters() throws Exception {
        MailSink sink = new MailSink().offering("DSN");
        try (var remote = ScriptedRemote.playing(sink)) {
            Envelope wanted =
                    new Envelope(
                            ReversePath.of(Mailbox.parse("mona@sender.example")),
                            new Parameters(Map.of("RET", "FULL", "HOLDFOR", "5")),
                            List.of(
                                    new Recipient(
                                            Mailbox.parse("leo@a.example"),
                                            Parameters.NONE.with("NOTIFY", "SUCCESS"))));
            attempt(to(remote), wanted);
            MailSink.Arrived arrived = sink.next();
            assertThat(arrived.mail()).isEqualTo("MAIL FROM:<mona@sender.example> RET=FULL");
            assertThat(arrived.rcpt())
                    .containsExactly(
                            "RCPT TO:<leo@a.example> NOTIFY=SUCCESS ORCPT=rfc822;leo@a.example");
        }
    }
}
