package org.posthorn.integration;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthorn.integration.harness.Configuration;
import org.posthorn.integration.harness.Maildir;
import org.posthorn.integration.harness.OpenDirectory;
import org.posthorn.integration.harness.Ports;
import org.posthorn.integration.harness.PosthornProcess;
import org.posthorn.integration.peer.DovecotAuth;
import org.posthorn.integration.peer.Login;
import org.posthorn.integration.peer.Needs;
import org.posthorn.integration.peer.Peer;

import java.io.IOException;
import java.nio.file.Path;

/// Dovecot knows the users, and leads the exchanges.
@Needs({Peer.ROOT, Peer.DOVECOT, Peer.SWAKS, Peer.MSMTP, Peer.CURL})
class DovecotAuthIT {
    @TempDir(factory = OpenDirectory.class)
    static Path directory;

    private static final int SUBMISSION = Ports.free();

    private static DovecotAuth dovecot;
    private static PosthornProcess server;
    private static Maildir mail;

    @BeforeAll
    static void start() throws IOException {
        dovecot =
                DovecotAuth.start(
                        directory, "plain login cram-md5 scram-sha-256", "mona", "pencil");
        mail = new Maildir(directory.resolve("mail"));
        server =
                PosthornProcess.start(
                        directory,
                        Configuration.onFreePorts()
                                .line(
                                        "listeners.submission { address = \"127.0.0.1\","
                                                + " port = "
                                                + SUBMISSION
                                                + ", kind = submission }")
                                .line(
                                        "auth { failure-delay = 0s, mechanisms ="
                                                + " [PLAIN, LOGIN, SCRAM-SHA-256,"
                                                + " CRAM-MD5] }")
                                .route("home.test", "maildir:" + mail.directory())
                                .plugin(
                                        "use = auth-dovecot, domain = home.test, socket ="
                                                + " \""
                                                + dovecot.socket()
                                                + "\""));
    }

    @AfterAll
    static void stop() {
        server.close();
        dovecot.close();
    }

    @BeforeEach
    void clear() {
        mail.clear();
    }

    @ParameterizedTest
    @CsvSource({
        "SWAKS, PLAIN", "SWAKS, LOGIN", "SWAKS, CRAM-MD5",
        "MSMTP, SCRAM-SHA-256", "MSMTP, CRAM-MD5", "CURL, PLAIN"
    })
    void dovecotKnowsTheUser(Login client, String mechanism) throws IOException {
        client.send(SUBMISSION, mechanism, "mona", "pencil", "mona@home.test", "leo@home.test")
                .succeeded();
        assertThat(mail.awaitOne().trace().get("received")).contains("with ESMTPSA");
        assertThat(server.mailLog())
                .contains("mechanism=" + mechanism + " name=mona plugin=auth-dovecot");
    }

    @ParameterizedTest
    @CsvSource({"SWAKS, PLAIN", "SWAKS, CRAM-MD5", "MSMTP, SCRAM-SHA-256"})
    void dovecotDoesNotKnowTheUser(Login client, String mechanism) {
        client.send(SUBMISSION, mechanism, "mona", "pen", "mona@home.test", "leo@home.test")
                .failed();
        client.send(SUBMISSION, mechanism, "leo", "pencil", "leo@home.test", "leo@home.test")
                .failed();
    }

    @Test
    void nobodySendsAsSomebodyElse() {
        assertThat(
                        Login.SWAKS
                                .send(
                                        SUBMISSION,
                                        "PLAIN",
                                        "mona",
                                        "pencil",
                                        "leo@home.test",
                                        "leo@home.test")
                                .failed()
                                .said())
                .contains("553 5.7.1");
    }

    @Test
    void withoutDovecotNobodyIsLetInAndWithItAgainTheyAre() throws IOException {
        dovecot.stop();
        try {
            assertThat(
                            Login.SWAKS
                                    .send(
                                            SUBMISSION,
                                            "PLAIN",
                                            "mona",
                                            "pencil",
                                            "mona@home.test",
                                            "leo@home.test")
                                    .failed()
                                    .said())
                    .contains("454 4.7.0");
        } finally {
            dovecot.restart();
        }
        Login.SWAKS
                .send(SUBMISSION, "PLAIN", "mona", "pencil", "mona@home.test", "leo@home.test")
                .succeeded();
        mail.awaitOne();
    }
}
