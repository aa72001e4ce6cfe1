package org.posthorn.integration;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthorn.integration.harness.Arrived;
import org.posthorn.integration.harness.Maildir;
import org.posthorn.integration.harness.OpenDirectory;
import org.posthorn.integration.peer.Bounce;
import org.posthorn.integration.peer.Client;
import org.posthorn.integration.peer.Needs;
import org.posthorn.integration.peer.Peer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/// What cannot be delivered comes back as a report that a person can read and a program can parse.
@Needs({Peer.ROOT, Peer.POSTFIX, Peer.DOVECOT, Peer.NSD, Peer.DIG, Peer.PYTHON, Peer.OPENSSL})
class BouncesIT {
    @TempDir(factory = OpenDirectory.class)
    static Path directory;

    private static Outside outside;
    private static Maildir mail;

    @BeforeAll
    static void start() throws IOException {
        mail = new Maildir(directory.resolve("mail"));
        outside =
                Outside.start(
                        directory,
                        ours ->
                                ours.line("queue { lifetime = 6s, first-retry = 1s }")
                                        .line(
                                                "bounces.double-bounce-recipient = \"op@client.test\"")
                                        .route("client.test", "maildir:" + mail.directory()));
    }

    @AfterAll
    static void stop() {
        outside.close();
    }

    @BeforeEach
    void clear() {
        mail.clear();
    }

    @ParameterizedTest
    @CsvSource({
        "leo@nomail.test,   5.1.10, takes no mail",
        "leo@absent.test,   5.1.2,  absent.test",
        "refused@far.test,  5.1.1,  no such user here",
        "leo@selfish.test,  5.4.6,  selfish.test",
        "nobody@lmtp.test,  5.1.1,  nobody@lmtp.test",
        "busy@far.test,     5.4.7,   come back later"
    })
    void whatCannotBeDeliveredComesBack(String recipient, String status, String reason)
            throws IOException {
        outside.send(Client.SMTPLIB, Mail.about("to " + recipient), recipient);
        Arrived arrived = mail.awaitOne();
        Bounce bounce = Bounce.of(arrived);

        assertThat(arrived.trace()).as("bounces never bounce").containsEntry("return-path", "<>");
        assertThat(bounce.report().path("type").asString()).isEqualTo("multipart/report");
        assertThat(bounce.report().path("report").asString()).isEqualTo("delivery-status");
        assertThat(bounce.report().path("defects")).isEmpty();
        assertThat(bounce.report().path("parts").values().stream().map(it -> it.asString()))
                .first()
                .isEqualTo("text/plain");
        assertThat(bounce.header("to")).contains("mona@client.test");
        assertThat(bounce.header("auto-submitted")).contains("auto-replied");
        assertThat(bounce.text()).contains(recipient).contains(reason);
        assertThat(bounce.report().path("message").path("reporting-mta").asString())
                .isEqualTo("dns; mx.posthorn.test");
        assertThat(bounce.recipient("final-recipient")).isEqualTo("rfc822; " + recipient);
        assertThat(bounce.recipient("action")).isEqualTo("failed");
        assertThat(bounce.recipient("status")).startsWith(status);
        assertThat(bounce.returned()).contains("Subject: to " + recipient);
    }

    @Test
    void onlyTheRecipientThatFailedIsReported() throws IOException {
        outside.send(Client.SMTPLIB, Mail.about("half"), "leo@far.test", "refused@far.test");
        assertThat(outside.postfix().mail().awaitOne().text()).contains("Subject: half");
        Bounce bounce = Bounce.of(mail.awaitOne());
        assertThat(bounce.report().path("recipients")).hasSize(1);
        assertThat(bounce.recipient("final-recipient")).isEqualTo("rfc822; refused@far.test");
    }

    @Test
    void aSenderIsToldInItsLanguage() throws IOException {
        String german = "Accept-Language: de-AT, en;q=0.5\r\n";
        byte[] question = Mail.about("Frage");
        byte[] letter =
                ByteBuffer.allocate(german.length() + question.length)
                        .put(german.getBytes(StandardCharsets.US_ASCII))
                        .put(question)
                        .array();
        outside.send(Client.SMTPLIB, letter, "refused@far.test");
        Bounce bounce = Bounce.of(mail.awaitOne());
        assertThat(bounce.report().path("defects")).isEmpty();
        assertThat(bounce.header("subject"))
                .isEqualTo("Nachricht unzustellbar, zur\u00fcck an den Absender");
        assertThat(bounce.text())
                .contains("konnte den folgenden Empf\u00e4ngern nicht zugestellt werden")
                .contains("no such user here");
        assertThat(bounce.recipient("status")).startsWith("5.1.1");
    }

    @Test
    void aBounceThatFailsGoesToTheOperator() throws IOException {
        Client.SMTPLIB
                .send(
                        outside.server().smtpPort(),
                        "",
                        List.of("refused@far.test"),
                        Mail.about("a bounce"))
                .succeeded();
        Arrived arrived = mail.awaitOne();
        Bounce bounce = Bounce.of(arrived);
        assertThat(arrived.trace()).containsEntry("return-path", "<>");
        assertThat(bounce.report().path("defects")).isEmpty();
        assertThat(bounce.header("to")).contains("op@client.test");
        assertThat(bounce.header("subject")).isEqualTo("Undelivered Bounce");
        assertThat(bounce.recipient("final-recipient")).isEqualTo("rfc822; refused@far.test");
        assertThat(bounce.returned()).contains("Subject: a bounce", "Good morning.");
    }
}
