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
import org.posthorn.integration.peer.Bounce;
import org.posthorn.integration.peer.Client;
import org.posthorn.integration.peer.Exim;
import org.posthorn.integration.peer.Needs;
import org.posthorn.integration.peer.Peer;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;

/// What Exim offers, and Postfix does not, is used: CHUNKING, PRDR, DSN, SMTPUTF8, TLS.
@Needs({Peer.ROOT, Peer.EXIM, Peer.SWAKS, Peer.PYTHON, Peer.OPENSSL})
class OutgoingExtensionsIT {
    @TempDir(factory = OpenDirectory.class)
    static Path directory;

    private static EximAndUs both;
    private static Exim exim;
    private static PosthornProcess server;
    private static Maildir home;

    @BeforeAll
    static void start() throws IOException {
        both =
                EximAndUs.start(
                        directory,
                        ours ->
                                ours.line("queue { first-retry = 1s, delay-warning = 2s }")
                                        .route("gone.test", "smtp://127.0.0.1:" + Ports.free()));
        exim = both.exim();
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

    /// Exim ends every header section by a blank line.
    @Test
    void awkwardMailReachesEximInChunksAndThroughTls() throws IOException {
        var bodiless =
                EnumSet.of(AwkwardMail.LONE_HEADER, AwkwardMail.LONE_LINE_END, AwkwardMail.EMPTY);
        for (AwkwardMail awkward : EnumSet.complementOf(bodiless)) {
            exim.mail().clear();
            Client.SWAKS
                    .send(
                            server.smtpPort(),
                            "mona@home.test",
                            List.of("leo@exim.test"),
                            awkward.octets())
                    .succeeded();
            awkward.assertArrivedAs(exim.mail().awaitOne());
        }
        assertThat(exim.log().lines().filter(line -> line.contains(" <= mona@home.test ")))
                .isNotEmpty()
                .allMatch(line -> line.contains(" K ") && line.contains(" P=esmtps "));
    }

    @Test
    void aMessageOfManyBlocksReachesEximInOneChunk() throws IOException {
        byte[] large =
                ("Subject: large\r\n\r\n" + (".".repeat(70) + "\r\n").repeat(100_000))
                        .getBytes(StandardCharsets.US_ASCII);
        Client.SMTPLIB
                .send(server.smtpPort(), "mona@home.test", List.of("leo@exim.test"), large)
                .succeeded();
        assertThat(exim.mail().awaitOne().withoutTrace()).isEqualTo(large);
    }

    @Test
    void eachRecipientsAnswerBehindTheContentCounts() throws IOException {
        Client.SMTPLIB
                .send(
                        server.smtpPort(),
                        "mona@home.test",
                        List.of("leo@exim.test", "strict@exim.test"),
                        Mail.about("each"))
                .succeeded();
        assertThat(exim.mail().awaitOne().text()).contains("Subject: each");
        Bounce bounce = Bounce.of(home.awaitOne());
        assertThat(bounce.recipient("final-recipient")).isEqualTo("rfc822; strict@exim.test");
        assertThat(bounce.recipient("diagnostic-code")).contains("not for me");
        assertThat(exim.log()).contains("PRDR");
    }

    @Test
    void internationalMailReachesEximAsItIs() throws IOException {
        try (SmtpConnection client = SmtpConnection.greeted(server.smtpPort())) {
            client.command("MAIL FROM:<m\u00f6na@home.test> SMTPUTF8 BODY=8BITMIME");
            assertThat(client.command("RCPT TO:<l\u00e9o@exim.test>")).startsWith("250");
            send(client, "Subject: gr\u00fc\u00dfe\r\n\r\nx\r\n");
        }
        Arrived arrived = exim.mail().awaitOne();
        assertThat(new String(arrived.octets(), StandardCharsets.UTF_8))
                .contains("Subject: gr\u00fc\u00dfe");
        // It writes that down behind the delivery.
        Awaitility.await()
                .untilAsserted(
                        () ->
                                assertThat(exim.log())
                                        .contains("<= m\u00f6na@home.test")
                                        .contains("=> l\u00e9o"));
    }

    @Test
    void eximReportsTheSuccessThatTheSenderWantsToHearOf() throws IOException {
        submit("leo@exim.test NOTIFY=SUCCESS ORCPT=rfc822;info@alias.test", "ENVID=QQ314");
        exim.mail().awaitOne();
        Arrived report = home.awaitOne();
        assertThat(report.text())
                .contains("mx.exim.test")
                .contains("Action: delivered")
                .contains("rfc822;info@alias.test")
                .contains("QQ314");
    }

    @Test
    void weReportTheSuccessOfOurOwnDelivery() throws IOException {
        submit("nina@home.test NOTIFY=SUCCESS,FAILURE", "ENVID=QQ315 RET=HDRS");
        Bounce report =
                Bounce.of(
                        home.await(2).stream()
                                .filter(it -> it.text().contains("Delivery Report"))
                                .findFirst()
                                .orElseThrow());
        assertThat(report.recipient("action")).isEqualTo("delivered");
        assertThat(report.recipient("final-recipient")).isEqualTo("rfc822; nina@home.test");
    }

    @Test
    void weReportADelayOnce() throws IOException {
        submit("leo@gone.test NOTIFY=DELAY", "");
        Bounce report = Bounce.of(home.awaitOne());
        assertThat(report.recipient("action")).isEqualTo("delayed");
        Awaitility.await("two more attempts")
                .until(() -> server.mailLog().split("to=<leo@gone.test>", -1).length > 4);
        assertThat(home.files()).hasSize(1);
        assertThat(server.mailLog()).containsOnlyOnce("action=delayed");
    }

    private static void submit(String recipient, String parameters) throws IOException {
        String[] words = recipient.split(" ", 2);
        try (SmtpConnection client = SmtpConnection.greeted(server.smtpPort())) {
            client.command("MAIL FROM:<mona@home.test> " + parameters);
            assertThat(client.command("RCPT TO:<" + words[0] + "> " + words[1])).startsWith("250");
            send(client, "Subject: report\r\n\r\nx\r\n");
        }
    }

    private static void send(SmtpConnection client, String content) throws IOException {
        assertThat(client.command("DATA")).startsWith("354");
        assertThat(client.command(content + ".")).startsWith("250");
    }
}
