package org.posthorn.integration;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.US_ASCII;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.posthorn.integration.harness.Arrived;
import org.posthorn.integration.harness.Configuration;
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
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/// Mail comes in from clients that nobody here wrote, and is read back from a Maildir.
@Needs({Peer.SWAKS, Peer.MSMTP, Peer.CURL, Peer.PYTHON})
class InboundIT {
    @TempDir(factory = OpenDirectory.class)
    static Path directory;

    private static PosthornProcess server;
    private static Maildir mail;

    @BeforeAll
    static void start() {
        mail = new Maildir(directory.resolve("mail"));
        server =
                PosthornProcess.start(
                        directory,
                        Configuration.forLocalClients()
                                .route("home.test", "maildir:" + mail.directory()));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void clear() {
        mail.clear();
    }

    @ParameterizedTest
    @EnumSource(Client.class)
    void awkwardMailArrivesAsTheClientSentIt(Client client) throws IOException {
        for (AwkwardMail awkward : AwkwardMail.sentBy(client)) {
            mail.clear();
            send(client, awkward.octets());
            awkward.assertArrivedAs(mail.awaitOne());
        }
    }

    @ParameterizedTest
    @EnumSource(Client.class)
    void clientsMayEncrypt(Client client) throws IOException {
        client.sendEncrypted(port(), "mona@client.test", leo(), Mail.about("secret")).succeeded();
        assertThat(mail.awaitOne().trace().get("received")).contains("with ESMTPS");
    }

    @ParameterizedTest
    @EnumSource(Client.class)
    void theReturnPathTellsTheSender(Client client) throws IOException {
        send(client, Mail.about("path"));
        Arrived arrived = mail.awaitOne();
        assertThat(arrived.trace()).containsEntry("return-path", "<mona@client.test>");
        assertThat(arrived.trace().get("received"))
                .contains("from " + client.name().toLowerCase(Locale.ROOT) + ".test")
                .contains("by mx.posthorn.test")
                .contains("with ESMTP");
    }

    /// Most software drops or changes them, so that this is between the client and the Maildir.
    @Test
    void octetsThatAreZeroAreKept() throws IOException {
        byte[] content = "Subject: zero\r\n\r\n\0.\0\r\n\0\r\n".getBytes(US_ASCII);
        send(Client.SWAKS, content);
        assertThat(mail.awaitOne().withoutTrace()).isEqualTo(content);
    }

    @Test
    void oneMessageReachesEachOfItsRecipients() throws IOException {
        List<String> recipients = List.of("leo@home.test", "mona@home.test", "nina@home.test");
        Client.SMTPLIB.send(port(), "a@client.test", recipients, Mail.about("all")).succeeded();
        assertThat(mail.await(3)).allSatisfy(it -> assertThat(it.text()).contains("Subject: all"));
    }

    @Test
    @Needs({Peer.ROOT, Peer.POSTFIX})
    void awkwardMailArrivesAsPostfixRelaysIt() throws IOException {
        try (Postfix relay = Postfix.relaying(directory, Ports.free(), port()).start()) {
            for (AwkwardMail awkward : AwkwardMail.values()) {
                mail.clear();
                Client.SWAKS
                        .send(relay.port(), "mona@client.test", leo(), awkward.octets())
                        .succeeded();
                awkward.assertArrivedAs(mail.awaitOne());
            }
        }
    }

    @Test
    @Needs({Peer.ROOT, Peer.POSTFIX})
    void postfixEncryptsOnItsWayToUs() throws IOException {
        try (Postfix relay =
                Postfix.relaying(directory.resolve("tls"), Ports.free(), port())
                        .set("smtp_tls_security_level", "encrypt")
                        .start()) {
            send(Client.SMTPLIB, relay.port(), Mail.about("relayed"));
            assertThat(mail.awaitOne().trace().get("received"))
                    .contains("from relay.client.test")
                    .contains("with ESMTPS");
        }
    }

    @Test
    void noFileIsLeftOpenByAThousandSessions() throws IOException {
        send(Client.SMTPLIB, Mail.about("warm"));
        mail.awaitOne();
        long before = server.openFiles();
        for (int i = 0; i < 1000; i++) {
            try (SmtpConnection connection = SmtpConnection.greeted(port())) {
                if (i % 2 == 0) {
                    assertThat(connection.command("QUIT")).startsWith("221");
                }
            }
        }
        Awaitility.await("sockets to be closed")
                .untilAsserted(() -> assertThat(server.openFiles()).isLessThan(before + 10));
    }

    private static void send(Client client, byte[] content) throws IOException {
        send(client, port(), content);
    }

    private static void send(Client client, int port, byte[] content) throws IOException {
        client.send(port, "mona@client.test", leo(), content).succeeded();
    }

    private static List<String> leo() {
        return List.of("leo@home.test");
    }

    private static int port() {
        return server.smtpPort();
    }
}
