package org.posthorn.integration;

import static org.assertj.core.api.Assertions.assertThat;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.integration.harness.Arrived;
import org.posthorn.integration.harness.Maildir;
import org.posthorn.integration.harness.OpenDirectory;
import org.posthorn.integration.harness.Ports;
import org.posthorn.integration.harness.PosthornProcess;
import org.posthorn.integration.harness.SmtpConnection;
import org.posthorn.integration.peer.Client;
import org.posthorn.integration.peer.Needs;
import org.posthorn.integration.peer.Peer;
import org.posthorn.integration.peer.Postfix;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// What we offer, clients of others use: Exim speaks CHUNKING and PRDR, Postfix LMTP, and Python's
/// smtplib SMTPUTF8 and DSN.
@Needs({Peer.ROOT, Peer.EXIM, Peer.POSTFIX, Peer.SWAKS, Peer.PYTHON, Peer.OPENSSL})
class IncomingExtensionsIT {
    /// All but some: Exim ends a header section by a blank line also where nothing is behind it.
    private static final Set<AwkwardMail> SENT_BY_EXIM =
            EnumSet.complementOf(
                    EnumSet.of(
                            AwkwardMail.LONE_HEADER, AwkwardMail.LONE_LINE_END, AwkwardMail.EMPTY));

    @TempDir(factory = OpenDirectory.class)
    static Path directory;

    private static final int LMTP_PORT = Ports.free();

    private static EximAndUs both;
    private static PosthornProcess server;
    private static Maildir home;

    @BeforeAll
    static void start() throws IOException {
        String lmtp = "{ address = \"127.0.0.1\", port = " + LMTP_PORT + ", kind = lmtp }";
        both =
                EximAndUs.start(
                        directory,
                        ours ->
                                ours.line("listeners.lmtp " + lmtp)
                                        .line("listeners.smtp.etrn = true")
                                        .line("queue.first-retry = 1h")
                                        .route("away.test", "smtp://127.0.0.1:" + Ports.free()));
        server = both.server();
        home = both.home();
    }

    @AfterAll
    static void stop() {
        both.close();
    }

    @BeforeEach
    void clear() {
        both.clear();
    }

    @Test
    void eximSendsAwkwardMailInChunks() throws IOException {
        for (AwkwardMail awkward : SENT_BY_EXIM) {
            home.clear();
            throughExim(awkward.octets(), "leo@home.test");
            awkward.assertArrivedAs(home.awaitOne());
        }
        assertThat(deliveries("leo@home.test")).isNotEmpty().allMatch(it -> it.contains(" K "));
    }

    @Test
    void eximSendsALargeMessageInChunks() throws IOException {
        byte[] large =
                ("Subject: large\r\n\r\n" + (".".repeat(70) + "\r\n").repeat(50_000))
                        .getBytes(StandardCharsets.US_ASCII);
        throughExim(large, "large@home.test");
        assertThat(home.awaitOne().withoutTrace()).isEqualTo(large);
        assertThat(deliveries("large@home.test")).isNotEmpty().allMatch(it -> it.contains(" K "));
    }

    @Test
    void eximAsksForAReplyForEachRecipient() throws IOException {
        throughExim(Mail.about("each"), "mona@home.test", "nina@home.test");
        home.awaitCount(2);
        assertThat(deliveries("nina@home.test"))
                .isNotEmpty()
                .allMatch(it -> it.contains(" PRDR ") && it.contains("250 2.0.0 Ok: queued"));
    }

    @Test
    void postfixDeliversAwkwardMailByLmtp() throws IOException {
        Path parent = directory.resolve("lmtp");
        try (Postfix relay = Postfix.relayingByLmtp(parent, Ports.free(), LMTP_PORT).start()) {
            for (AwkwardMail awkward : AwkwardMail.values()) {
                home.clear();
                Client.SWAKS
                        .send(
                                relay.port(),
                                "mona@client.test",
                                List.of("leo@home.test", "nina@home.test"),
                                awkward.octets())
                        .succeeded();
                for (Arrived arrived : home.await(2)) {
                    awkward.assertArrivedAs(arrived);
                    assertThat(arrived.trace().get("received")).contains(" with LMTP ");
                }
            }
        }
    }

    @Test
    void smtplibSendsInternationalMailAndAsksForAReport() throws IOException {
        byte[] content =
                "Subject: gr\u00fc\u00dfe\r\n\r\nb\u00e4\r\n".getBytes(StandardCharsets.UTF_8);
        Client.sendUtf8(
                        server.smtpPort(),
                        "m\u00f6na@home.test",
                        "l\u00e9o@home.test",
                        List.of("RET=HDRS", "ENVID=a+2Bb"),
                        List.of("NOTIFY=SUCCESS,FAILURE", "ORCPT=rfc822;info@home.test"),
                        content)
                .succeeded();
        List<Arrived> arrived = home.await(2);
        assertThat(arrived)
                .anySatisfy(it -> assertThat(it.withoutTrace()).isEqualTo(content))
                .anySatisfy(it -> assertThat(it.text()).contains("Action: delivered", "a+b"));
        assertThat(arrived)
                .anySatisfy(
                        it -> assertThat(it.trace().get("received")).contains(" with UTF8SMTP "));
    }

    @Test
    void eximSendsInternationalMail() throws IOException {
        assertInternationalMailComesThrough(both.exim().port(), "mx.exim.test");
    }

    @Test
    void postfixSendsInternationalMail() throws IOException {
        Path parent = directory.resolve("smtp");
        try (var relay = Postfix.relaying(parent, Ports.free(), server.smtpPort()).start()) {
            assertInternationalMailComesThrough(relay.port(), "relay.client.test");
        }
    }

    private static void assertInternationalMailComesThrough(int port, String relay)
            throws IOException {
        byte[] content =
                "Subject: gr\u00fc\u00dfe\r\n\r\nb\u00e4\r\n".getBytes(StandardCharsets.UTF_8);
        Client.sendUtf8(
                        port,
                        "m\u00f6na@exim.test",
                        "l\u00e9o@home.test",
                        List.of(),
                        List.of(),
                        content)
                .succeeded();
        Arrived arrived = home.awaitOne();
        assertThat(new String(arrived.octets(), StandardCharsets.UTF_8))
                .startsWith("Return-Path: <m\u00f6na@exim.test>")
                .contains(
                        "for <l\u00e9o@home.test>",
                        "Subject: gr\u00fc\u00dfe\r\n",
                        "\r\n\r\nb\u00e4\r\n");
        assertThat(arrived.trace().get("received").lines().findFirst().orElseThrow())
                .contains("from " + relay, " with UTF8SMTP");
    }

    @Test
    void whoIsBackHasItsMailTriedAgain() throws IOException {
        Client.SMTPLIB
                .send(
                        server.smtpPort(),
                        "mona@home.test",
                        List.of("leo@away.test"),
                        Mail.about("wait"))
                .succeeded();
        Awaitility.await("a first attempt").until(() -> attempts() == 1);
        try (SmtpConnection client = SmtpConnection.greeted(server.smtpPort())) {
            assertThat(client.command("ETRN elsewhere.test")).startsWith("251 2.0.0");
            assertThat(client.command("ETRN away.test")).startsWith("253 2.0.0 Ok, 1 pending");
        }
        Awaitility.await("a second attempt").until(() -> attempts() == 2);
    }

    private static long attempts() {
        return server.mailLog()
                .lines()
                .filter(line -> line.contains("event=deferred") && line.contains("<leo@away.test>"))
                .count();
    }

    private static void throughExim(byte[] content, String... recipients) throws IOException {
        Client.SWAKS
                .send(both.exim().port(), "mona@exim.test", List.of(recipients), content)
                .succeeded();
    }

    private static List<String> deliveries(String recipient) throws IOException {
        return both.exim()
                .log()
                .lines()
                .filter(line -> line.contains("> " + recipient + " "))
                .toList();
    }
}
