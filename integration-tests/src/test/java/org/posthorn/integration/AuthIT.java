package org.posthorn.integration;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
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

    private static final String[] PENCIL = {
        "--authentication-id=mona@home.test", "--password=pencil"
    };
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
                                configuration(SUBMISSION, "failure-delay = 0s")
                                        .line(
                                                listener(
                                                        "submissions",
                                                        SUBMISSIONS,
                                                        ", tls = implicit")))
                        .expect("nobody can authenticate by it");
        user("mona@home.test", "pencil", "add", "--scram-sha-1");
    }

    private static Configuration configuration(int port, String auth) {
        return Configuration.onFreePorts()
                .line(listener("submission", port, ", client-certificates = request"))
                .line("auth { " + auth + " }")
                .line(
                        "tls { certificate = \"%s\", key = \"%s\" }"
                                .formatted(certificate.certificate(), certificate.key()))
                .route("home.test", "maildir:" + mail.directory())
                .plugin("use = auth-file, file = \"" + directory.resolve("users") + "\"");
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
        assertThat(gnuSasl(SUBMISSION, PENCIL).succeeded().output())
                .contains("AUTH SCRAM-SHA-256-PLUS")
                .contains("235 2.7.0");
        assertThat(server.mailLog()).contains("mechanism=SCRAM-SHA-256-PLUS name=mona@home.test");
    }

    @Test
    @Needs(Peer.GSASL)
    void scramBySha1IsForThoseWhoSwitchItOn() throws IOException {
        String[] old = {PENCIL[0], PENCIL[1], "--mechanism=SCRAM-SHA-1", "--no-cb"};
        assertThat(gnuSasl(SUBMISSION, old).failed().output()).contains("534 5.7.9");
        Login.MSMTP
                .send(SUBMISSION, "SCRAM-SHA-1", "mona@home.test", "pencil", "leo@home.test")
                .failed();
        int port = Ports.free();
        Path other = Files.createDirectory(directory.resolve("old"));
        try (var switchedOn =
                PosthornProcess.start(other, configuration(port, "mechanisms = [SCRAM-SHA-1]"))) {
            assertThat(gnuSasl(port, old).succeeded().output()).contains("235 2.7.0");
            Login.MSMTP
                    .send(port, "SCRAM-SHA-1", "mona@home.test", "pencil", "leo@home.test")
                    .succeeded();
            assertThat(mail.awaitOne().trace().get("received")).contains("with ESMTPSA");
            assertThat(switchedOn.mailLog())
                    .contains("mechanism=SCRAM-SHA-1 name=mona@home.test plugin=auth-file");
        }
    }

    private static Finished gnuSasl(int port, String... options) {
        return GnuSasl.authenticate(port, certificate.certificate(), options);
    }

    @ParameterizedTest
    @EnumSource(names = {"MSMTP", "CURL"})
    @Needs(Peer.GSASL)
    void aCertificateTakesThePlaceOfAPassword(Login client) throws IOException {
        Certificate own = certificate(client + "-own");
        Certificate other = certificate(client + "-other");
        String name = client + "@home.test";
        user(name, "", "add", "--certificate=" + own.certificate());
        client.sendShowing(SUBMISSION, own, name, "leo@home.test").succeeded();
        assertThat(mail.awaitOne().trace().get("received")).contains("with ESMTPSA");
        assertThat(server.mailLog())
                .contains("mechanism=EXTERNAL name=" + name + " plugin=auth-file");
        client.sendShowing(SUBMISSION, other, name, "leo@home.test").failed();
        client.sendShowing(SUBMISSION, own, "mona@home.test", "leo@home.test").failed();
        assertThat(gnuSasl(SUBMISSION, GnuSasl.external(own)).succeeded().output())
                .contains("235 2.7.0");
        assertThat(gnuSasl(SUBMISSION, GnuSasl.external(other)).failed().output())
                .contains("535 5.7.8");
    }

    private static Certificate certificate(String name) throws IOException {
        return Certificate.of(name, Files.createDirectory(directory.resolve(name)));
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
