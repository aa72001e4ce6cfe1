package org.posthorn.integration;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.integration.harness.Configuration;
import org.posthorn.integration.harness.Distribution;
import org.posthorn.integration.harness.Finished;
import org.posthorn.integration.harness.Maildir;
import org.posthorn.integration.harness.OpenDirectory;
import org.posthorn.integration.harness.Ports;
import org.posthorn.integration.harness.PosthornProcess;
import org.posthorn.integration.peer.Certificate;
import org.posthorn.integration.peer.GnuSasl;
import org.posthorn.integration.peer.Login;
import org.posthorn.integration.peer.Needs;
import org.posthorn.integration.peer.Peer;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Users authenticate with programs that nobody here wrote, and submit mail.
@Needs({Peer.SWAKS, Peer.MSMTP, Peer.CURL, Peer.OPENSSL})
class AuthIT {
    @TempDir(factory = OpenDirectory.class)
    static Path directory;

    private static final int SUBMISSION = Ports.free();
    private static final int SUBMISSIONS = Ports.free();

    private static Certificate certificate;
    private static PosthornProcess server;
    private static Maildir mail;

    @BeforeAll
    static void start() {
        mail = new Maildir(directory.resolve("mail"));
        certificate = Certificate.of("localhost", directory);
        server =
                PosthornProcess.start(
                                directory,
                                Configuration.onFreePorts()
                                        .line(listener("submission", SUBMISSION, ""))
                                        .line(
                                                listener(
                                                        "submissions",
                                                        SUBMISSIONS,
                                                        ", tls = implicit"))
                                        .line("auth { failure-delay = 0s }")
                                        .line(
                                                "tls { certificate = \"%s\", key = \"%s\" }"
                                                        .formatted(
                                                                certificate.certificate(),
                                                                certificate.key()))
                                        .route("home.test", "maildir:" + mail.directory())
                                        .plugin(
                                                "use = auth-file, file = \""
                                                        + directory.resolve("users")
                                                        + "\""))
                        .expect("nobody can authenticate by it");
        user("mona@home.test", "pencil", "add", "--scram-sha-1");
    }

    private static String listener(String name, int port, String more) {
        return "listeners.%s { address = \"127.0.0.1\", port = %d, kind = submission%s }"
                .formatted(name, port, more);
    }

    private static void user(String name, String password, String... command) {
        var all = new ArrayList<>(List.of(Distribution.packed().command().toString()));
        all.add("user");
        all.addAll(List.of(command));
        all.addAll(List.of(name, "--config", directory.resolve("posthorn.conf").toString()));
        Finished.run(directory, Map.of(), all, (password + "\n").getBytes(StandardCharsets.UTF_8))
                .succeeded();
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
    @CsvSource({
        "SWAKS, PLAIN",
        "SWAKS, LOGIN",
        "MSMTP, PLAIN",
        "MSMTP, LOGIN",
        "MSMTP, SCRAM-SHA-256",
        "CURL, PLAIN",
        "CURL, LOGIN"
    })
    void usersAuthenticateAndSubmit(Login client, String mechanism) throws IOException {
        client.send(SUBMISSION, mechanism, "mona@home.test", "pencil", "leo@home.test").succeeded();
        var arrived = mail.awaitOne();
        assertThat(arrived.trace().get("received")).contains("with ESMTPSA");
        assertThat(server.mailLog())
                .contains("mechanism=" + mechanism + " name=mona@home.test plugin=auth-file");
    }

    @ParameterizedTest
    @CsvSource({"SWAKS, PLAIN", "MSMTP, SCRAM-SHA-256", "CURL, LOGIN"})
    void aWrongPasswordOpensNothing(Login client, String mechanism) throws IOException {
        Finished finished =
                client.send(SUBMISSION, mechanism, "mona@home.test", "pen", "leo@home.test")
                        .failed();
        assertThat(server.mailLog()).contains("event=authentication-failed");
        assertThat(finished.said()).doesNotContain("queued as");
    }

    @ParameterizedTest
    @ValueSource(strings = {"leo@home.test", "mona@elsewhere.test"})
    void nobodySendsAsSomebodyElse(String sender) throws IOException {
        assertThat(
                        Login.SWAKS
                                .send(
                                        SUBMISSION,
                                        "PLAIN",
                                        "mona@home.test",
                                        "pencil",
                                        sender,
                                        "leo@home.test")
                                .failed()
                                .said())
                .contains("553 5.7.1");
    }

    @Test
    @Needs(Peer.GSASL)
    void gnuSaslBindsItselfToTls() {
        Finished finished =
                GnuSasl.authenticate(
                        SUBMISSION, certificate.certificate(), "mona@home.test", "pencil");
        assertThat(finished.succeeded().output())
                .contains("AUTH SCRAM-SHA-256-PLUS")
                .contains("235 2.7.0");
        assertThat(server.mailLog()).contains("mechanism=SCRAM-SHA-256-PLUS name=mona@home.test");
    }

    @Test
    void accountsAreChangedWhileTheServerRuns() throws IOException {
        user("ida@home.test", "one", "add");
        Login.SWAKS.send(SUBMISSION, "PLAIN", "ida@home.test", "one", "leo@home.test").succeeded();
        user("ida@home.test", "two", "passwd");
        Login.SWAKS.send(SUBMISSION, "PLAIN", "ida@home.test", "one", "leo@home.test").failed();
        Login.MSMTP
                .send(SUBMISSION, "SCRAM-SHA-256", "ida@home.test", "two", "leo@home.test")
                .succeeded();
        assertThat(server.command("user", "list", "--json").succeeded().output())
                .contains("{\"name\":\"ida@home.test\",\"mechanisms\":[\"SCRAM-SHA-256\"]");
        user("ida@home.test", "", "remove");
        Login.SWAKS.send(SUBMISSION, "PLAIN", "ida@home.test", "two", "leo@home.test").failed();
    }

    @Test
    void theFileHoldsNoPasswordAndIsForItsOwnerAlone() throws IOException {
        Path users = directory.resolve("users");
        assertThat(Files.readString(users))
                .contains("SCRAM-SHA-256$65536:")
                .doesNotContain("pencil");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(users)))
                .isEqualTo("rw-------");
    }
}
