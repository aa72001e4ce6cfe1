package org.posthorn.integration;

import static org.assertj.core.api.Assertions.assertThat;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.integration.harness.Configuration;
import org.posthorn.integration.harness.OpenDirectory;
import org.posthorn.integration.harness.Ports;
import org.posthorn.integration.harness.PosthornProcess;
import org.posthorn.integration.peer.Certificate;
import org.posthorn.integration.peer.Client;
import org.posthorn.integration.peer.DovecotAuth;
import org.posthorn.integration.peer.Needs;
import org.posthorn.integration.peer.Peer;
import org.posthorn.integration.peer.Postfix;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Mail is handed to a Postfix that takes it only from those who log in, which Dovecot decides.
@Needs({Peer.ROOT, Peer.POSTFIX, Peer.DOVECOT, Peer.SWAKS, Peer.OPENSSL})
class SmarthostIT {
    private static final int PORT = Ports.free();

    @TempDir(factory = OpenDirectory.class)
    Path directory;

    private Postfix postfix(DovecotAuth auth, Certificate certificate) throws IOException {
        return Postfix.receiving(directory, "far.test", "127.0.0.1", PORT)
                .set("smtpd_sasl_auth_enable", "yes")
                .set("smtpd_sasl_type", "dovecot")
                .set("smtpd_sasl_path", auth.socket().toString())
                .set("smtpd_sasl_security_options", "noanonymous")
                .set("smtpd_tls_auth_only", "yes")
                .set("smtpd_recipient_restrictions", "permit_sasl_authenticated, reject")
                .offeringTls(certificate)
                .start();
    }

    private PosthornProcess server(Certificate certificate, String password) throws IOException {
        Path secret = Files.writeString(directory.resolve("secret"), password + "\n");
        return PosthornProcess.start(
                directory,
                Configuration.forLocalClients()
                        .line("queue { first-retry = 1s }")
                        .line(
                                "delivery { trusted-certificates = \"%s\" }"
                                        .formatted(certificate.certificate()))
                        .route(
                                "*",
                                "smtp://127.0.0.1:" + PORT,
                                ", tls = verify, login { user = mona, password-file = \"%s\" }"
                                        .formatted(secret)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"plain login scram-sha-1 scram-sha-256", "scram-sha-1", "plain", "login"})
    void mailIsTakenFromWhoLogsIn(String mechanisms) throws IOException {
        Certificate certificate = Certificate.of("localhost", directory);
        try (var auth = DovecotAuth.start(directory, mechanisms, "mona", "s3cret, =x");
                var postfix = postfix(auth, certificate);
                var server = server(certificate, "s3cret, =x")) {
            Client.SWAKS
                    .send(
                            server.smtpPort(),
                            "mona@client.test",
                            List.of("leo@far.test"),
                            Mail.about("login"))
                    .succeeded();
            assertThat(postfix.mail().awaitOne().text()).contains("Subject: login");
            String best = mechanisms.contains("256") ? "SCRAM-SHA-256" : mechanisms.toUpperCase();
            assertThat(postfix.log()).contains("sasl_method=" + best + ", sasl_username=mona");
        }
    }

    @Test
    void mailWaitsWhereThePasswordIsWrong() throws IOException {
        Certificate certificate = Certificate.of("localhost", directory);
        try (var auth = DovecotAuth.start(directory, "plain", "mona", "right");
                var postfix = postfix(auth, certificate);
                var server = server(certificate, "wrong")) {
            Client.SWAKS
                    .send(
                            server.smtpPort(),
                            "mona@client.test",
                            List.of("leo@far.test"),
                            Mail.about("login"))
                    .succeeded();
            Awaitility.await("a refusal").until(() -> server.mailLog().contains("4.7.8"));
            assertThat(postfix.mail().files()).isEmpty();
            Files.writeString(directory.resolve("secret"), "right\n");
            postfix.mail().awaitOne();
        }
    }
}
