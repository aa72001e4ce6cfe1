package org.posthorn.testkit.dialogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.api.intake.RetryRequests;
import org.posthorn.api.mail.Domain;
import org.posthorn.api.plugin.SessionHooks;
import org.posthorn.api.plugin.Verdict;
import org.posthorn.smtp.EventLoops;
import org.posthorn.smtp.server.AuthConfig;
import org.posthorn.smtp.server.HookChain;
import org.posthorn.smtp.server.ListenerConfig;
import org.posthorn.smtp.server.ListenerConfig.Kind;
import org.posthorn.smtp.server.ListenerConfig.Tls;
import org.posthorn.smtp.server.MessageLimits;
import org.posthorn.smtp.server.SmtpExtensions;
import org.posthorn.smtp.server.SmtpLimits;
import org.posthorn.smtp.server.SmtpServer;
import org.posthorn.smtp.server.SmtpSettings;
import org.posthorn.smtp.tls.ServerTls;
import org.posthorn.testkit.ManualClock;
import org.posthorn.testkit.RecordingIntake;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// Listeners, TLS, and the end of the server, over sockets.
class ServerTest {
    private static final Path SCRIPTS =
            Path.of("../smtp-protocol/src/test/resources/dialogues/tls");

    private final RecordingIntake intake = new RecordingIntake();
    private final List<SmtpServer> started = new ArrayList<>();
    private final EventLoops loops = EventLoops.start(1);

    @AfterEach
    void stop() {
        started.forEach(SmtpServer::close);
        loops.close();
    }

    @TestFactory
    Stream<DynamicTest> playsDialoguesOfTls() throws IOException {
        InetSocketAddress address =
                start(TestServers.withTls(TestTls.server(), intake, loops)).get("smtp");
        return Dialogue.readAll(SCRIPTS).stream()
                .map(
                        script ->
                                dynamicTest(
                                        script.name(),
                                        () -> {
                                            try (var peer = new SocketPeer(address)) {
                                                script.play(peer);
                                            }
                                        }));
    }

    @Test
    void writesTlsIntoTheReceivedField() throws IOException {
        InetSocketAddress address =
                start(TestServers.withTls(TestTls.server(), intake, loops)).get("smtp");
        try (var peer = new SocketPeer(address)) {
            Dialogue.read(SCRIPTS.resolve("begins-anew-under-tls.smtp")).play(peer);
        }
        assertThat(intake.last().text())
                .contains("\r\n\t(using TLSv1.3 with cipher TLS_")
                .contains(" with ESMTPS id ");
        assertThat(intake.last().submission().metadata().get("tls")).startsWith("TLSv1.3 TLS_");
    }

    @Test
    void beginsWithTlsWhereThatIsImplicit() throws IOException {
        InetSocketAddress address = start(implicit(Optional.of(TestTls.server()))).get("smtps");
        try (var peer = new SocketPeer(address)) {
            peer.secure();
            peer.say("EHLO client.example", "220");
            peer.expect("250-mx.example.org");
        }
    }

    @Test
    void hasNoImplicitTlsWithoutACertificate() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> implicit(Optional.empty()))
                .withMessageContaining("'smtps'");
    }

    @Test
    void takesNoClearTextForTls() throws IOException {
        InetSocketAddress address =
                start(TestServers.withTls(TestTls.server(), intake, loops)).get("smtp");
        try (var peer = new SocketPeer(address)) {
            peer.expect("220");
            peer.say("HELO x", "250");
            peer.say("STARTTLS", "220");
            peer.send("MAIL FROM:<evil@example.org>\r\n");
            assertThat(peer.line().filter(line -> line.startsWith("250"))).isEmpty();
        }
    }

    @Test
    void namesTheListenerThatCannotBeBound() throws IOException {
        int taken = start(TestServers.usual(intake, loops)).get("smtp").getPort();
        SmtpServer second =
                server(Map.of("other", ListenerConfig.of("127.0.0.1", taken, Kind.SMTP, Tls.NONE)));
        assertThatIOException()
                .isThrownBy(second::start)
                .withMessageContaining("listener 'other' cannot listen on 127.0.0.1 port " + taken);
    }

    @Test
    void finishesTransactionsWhileItDrains() throws Exception {
        SmtpServer server = TestServers.usual(intake, loops);
        InetSocketAddress address = start(server).get("smtp");
        var peer = new SocketPeer(address);
        var idle = new SocketPeer(address);
        idle.expect("220");
        peer.say("HELO x", "220");
        peer.expect("250");
        peer.say("MAIL FROM:<mona@example.org>", "250");
        var drained = CompletableFuture.supplyAsync(() -> server.drain(Duration.ofSeconds(20)));
        idle.expect("421 4.3.2");
        idle.expect("closed");
        idle.close();
        peer.say("RCPT TO:<leo@example.org>", "250");
        peer.say("DATA", "354");
        peer.say("Subject: last\r\n.", "250 2.0.0");
        peer.expect("421 4.3.2");
        peer.expect("closed");
        peer.close();
        assertThat(drained.get(20, TimeUnit.SECONDS)).isTrue();
        assertThat(intake.messages()).hasSize(1);
        assertThatIOException().isThrownBy(() -> new SocketPeer(address));
    }

    @Test
    void answersAClientThatOnlyReadsOn() throws IOException {
        try (var nio = EventLoops.startNio(1)) {
            for (EventLoops some : List.of(loops, nio)) {
                try (var server = patient(some);
                        var peer = new SocketPeer(server.start().get("smtp"))) {
                    peer.send(
                            ("HELO x\r\nMAIL FROM:<mona@example.org>\r\n"
                                            + "RCPT TO:<leo@example.org>\r\nDATA\r\n.\r\n")
                                    .getBytes(StandardCharsets.US_ASCII));
                    peer.fallSilent();
                    for (String reply : List.of("220", "250", "250", "250", "354", "250")) {
                        peer.expect(reply);
                    }
                    peer.expect("closed");
                }
            }
        }
        assertThat(intake.messages()).hasSize(2);
    }

    @Test
    void answersAClientThatOnlyReadsOnUnderTls() throws Exception {
        String message =
                "MAIL FROM:<mona@example.org>\r\nRCPT TO:<leo@example.org>\r\nDATA\r\n.\r\n";
        for (int messages : List.of(1, 300)) {
            try (var server = patient(loops);
                    var peer = new SocketPeer(server.start().get("smtp"))) {
                peer.expect("220");
                peer.say("HELO x", "250");
                peer.say("STARTTLS", "220");
                peer.secure();
                peer.send(
                        ("HELO x\r\n" + message.repeat(messages))
                                .getBytes(StandardCharsets.US_ASCII));
                peer.fallSilent();
                int replies = 0;
                while (peer.line().isPresent()) {
                    replies++;
                }
                assertThat(replies).isEqualTo(1 + 4 * messages);
            }
        }
        assertThat(intake.messages()).hasSize(301);
    }

    @Test
    void answersAllThatWaitsWhenTheClientFallsSilent() throws IOException {
        String message =
                "MAIL FROM:<mona@example.org>\r\nRCPT TO:<leo@example.org>\r\nDATA\r\n.\r\n";
        try (var server = patient(loops);
                var peer = new SocketPeer(server.start().get("smtp"))) {
            peer.send(("HELO x\r\n" + message.repeat(300)).getBytes(StandardCharsets.US_ASCII));
            peer.fallSilent();
            int replies = 0;
            while (peer.line().isPresent()) {
                replies++;
            }
            assertThat(replies).isEqualTo(2 + 4 * 300);
        }
        assertThat(intake.messages()).hasSize(300);
    }

    @Test
    void dropsContentThatEndsInSilence() throws IOException {
        try (var peer = new SocketPeer(start(TestServers.usual(intake, loops)).get("smtp"))) {
            peer.send(
                    ("HELO x\r\nMAIL FROM:<mona@example.org>\r\n"
                                    + "RCPT TO:<leo@example.org>\r\nDATA\r\nSubject: cut\r\n.")
                            .getBytes(StandardCharsets.US_ASCII));
            peer.fallSilent();
            for (String reply : List.of("220", "250", "250", "250", "354")) {
                peer.expect(reply);
            }
            peer.expect("closed");
        }
        assertThat(intake.messages()).isEmpty();
    }

    @Test
    void worksWithoutNativeTransport() throws IOException {
        try (var nio = EventLoops.startNio(1);
                var server = TestServers.usual(intake, nio);
                var peer = new SocketPeer(server.start().get("smtp"))) {
            peer.expect("220");
            peer.say("QUIT", "221");
        }
        assertThat(loops.transport()).isEqualTo("epoll");
    }

    @Test
    void saysWhichTlsFileIsWrong(@TempDir Path directory) {
        assertThatIOException()
                .isThrownBy(
                        () ->
                                ServerTls.load(
                                        directory.resolve("no.pem"),
                                        TestTls.FILES.resolve("key.pem")))
                .withMessageContaining("no.pem");
        assertThatIOException()
                .isThrownBy(
                        () ->
                                ServerTls.load(
                                        TestTls.FILES.resolve("key.pem"),
                                        TestTls.FILES.resolve("key.pem")))
                .withMessageContaining("expected PEM files");
    }

    /// A server whose plugin answers from a thread of its own, as the store does.
    private SmtpServer patient(EventLoops some) throws IOException {
        SessionHooks hooks = (TestHooks.Rcpt) (_, _) -> Verdict.ACCEPT;
        return TestServers.server(
                SmtpLimits.DEFAULT,
                MessageLimits.DEFAULT,
                Optional.of(TestTls.server()),
                new HookChain(List.of(TestServers.plugin("patient", TestHooks.blocking(hooks)))),
                intake,
                _ -> {},
                some);
    }

    private SmtpServer implicit(Optional<ServerTls> tls) {
        return new SmtpServer(
                settings(
                        Map.of(
                                "smtps",
                                ListenerConfig.of("127.0.0.1", 0, Kind.SMTP, Tls.IMPLICIT))),
                tls,
                HookChain.EMPTY,
                intake,
                RetryRequests.NONE,
                _ -> {},
                ManualClock.atNoon(),
                loops,
                new Random(1));
    }

    private SmtpServer server(Map<String, ListenerConfig> listeners) {
        return new SmtpServer(
                settings(listeners),
                Optional.empty(),
                HookChain.EMPTY,
                intake,
                RetryRequests.NONE,
                _ -> {},
                ManualClock.atNoon(),
                loops,
                new Random(1));
    }

    private static SmtpSettings settings(Map<String, ListenerConfig> listeners) {
        return new SmtpSettings(
                new Domain.Name("mx.example.org"),
                listeners,
                SmtpLimits.DEFAULT,
                MessageLimits.DEFAULT,
                SmtpExtensions.DEFAULT,
                AuthConfig.DEFAULT);
    }

    private Map<String, InetSocketAddress> start(SmtpServer server) throws IOException {
        started.add(server);
        return server.start();
    }
}
