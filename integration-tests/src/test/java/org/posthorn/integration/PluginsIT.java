package org.posthorn.integration;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.integration.harness.Configuration;
import org.posthorn.integration.harness.Distribution;
import org.posthorn.integration.harness.Maildir;
import org.posthorn.integration.harness.OpenDirectory;
import org.posthorn.integration.harness.PluginJar;
import org.posthorn.integration.harness.Ports;
import org.posthorn.integration.harness.PosthornProcess;
import org.posthorn.integration.harness.SmtpConnection;
import org.posthorn.integration.peer.Login;
import org.posthorn.integration.peer.Needs;
import org.posthorn.integration.peer.Peer;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/// Plugins of strangers, dropped into `plugins/`: good, bad and endless.
class PluginsIT {
    @TempDir(factory = OpenDirectory.class)
    static Path home;

    @TempDir(factory = OpenDirectory.class)
    Path directory;

    private static Distribution distribution;

    @BeforeAll
    static void install() throws IOException {
        distribution = Distribution.packed().copiedTo(home.resolve("posthorn"));
        PluginJar.install(distribution, "throwing");
        PluginJar.install(distribution, "sleeping");
        PluginJar.install(distribution, "tokens");
        PluginJar.install(
                distribution, "clashing", Path.of("target/clashing/commons-io-2.11.0.jar"));
    }

    @Test
    void aPluginThatThrowsIsA451AndTheSessionGoesOn() throws IOException {
        try (PosthornProcess server = start("use = throwing");
                SmtpConnection session = SmtpConnection.greeted(server.smtpPort())) {
            server.expect("throwing|out of order|^\\s+at ");
            session.command("MAIL FROM:<>");
            assertThat(session.command("RCPT TO:<leo@home.test>")).startsWith("451 4.3.0");
            assertThat(session.command("NOOP")).startsWith("250");
            assertThat(server.log()).contains("throwing").contains("out of order");
        }
    }

    @Test
    void aPluginThatSleepsForEverIsA451OnceItsTimeIsUp() throws IOException {
        try (PosthornProcess server = start("use = sleeping, timeout = 500ms");
                SmtpConnection session = SmtpConnection.greeted(server.smtpPort())) {
            server.expect("sleeping");
            session.command("MAIL FROM:<>");
            long before = System.nanoTime();
            assertThat(session.command("RCPT TO:<leo@home.test>")).startsWith("451 4.3.0");
            assertThat(Duration.ofNanos(System.nanoTime() - before))
                    .isBetween(Duration.ofMillis(450), Duration.ofSeconds(5));
            assertThat(session.command("NOOP")).startsWith("250");
        }
    }

    @Test
    void aSleepingPluginDelaysNobodyElse() throws IOException {
        try (PosthornProcess server = start("use = sleeping, timeout = 20s");
                SmtpConnection waiting = SmtpConnection.greeted(server.smtpPort())) {
            server.expect("sleeping");
            waiting.command("MAIL FROM:<>");
            waiting.write("RCPT TO:<leo@home.test>\r\n".getBytes(StandardCharsets.US_ASCII));
            long before = System.nanoTime();
            try (SmtpConnection other = SmtpConnection.greeted(server.smtpPort())) {
                assertThat(other.command("MAIL FROM:<>")).startsWith("250");
                assertThat(other.command("QUIT")).startsWith("221");
            }
            assertThat(Duration.ofNanos(System.nanoTime() - before))
                    .isLessThan(Duration.ofSeconds(5));
        }
    }

    @Test
    void aPluginUsesItsOwnVersionOfALibraryThatTheServerHasToo() throws IOException {
        try (Stream<Path> jars = Files.list(distribution.directory().resolve("lib"))) {
            assertThat(jars.map(jar -> jar.getFileName().toString()))
                    .anyMatch(jar -> jar.matches("commons-io-2\\.(1[2-9]|[2-9][0-9]).*\\.jar"));
        }
        try (PosthornProcess server = start("use = clashing");
                SmtpConnection session = SmtpConnection.greeted(server.smtpPort())) {
            session.command("MAIL FROM:<>");
            assertThat(session.command("RCPT TO:<leo@home.test>"))
                    .isEqualTo("550 5.7.1 commons-io is older than 2.12");
        }
    }

    /// Offered both, curl takes OAUTHBEARER whatever it is told.
    @ParameterizedTest
    @ValueSource(strings = {"XOAUTH2", "OAUTHBEARER"})
    @Needs({Peer.CURL, Peer.MSMTP})
    void clientsShowTheTokensThatAPluginKnows(String mechanism) throws IOException {
        int port = Ports.free();
        String listener =
                "listeners.submission { address = \"127.0.0.1\", port = %d, kind = submission }";
        String auth = "auth { failure-delay = 0s, mechanisms = [" + mechanism + "] }";
        String plugin = "use = tokens, user = \"mona@home.test\", token = ya29-vF9dft4";
        Maildir mail = new Maildir(directory.resolve("mail"));
        try (PosthornProcess server = start(plugin, listener.formatted(port), auth)) {
            for (Login client : List.of(Login.CURL, Login.MSMTP)) {
                client.send(port, mechanism, "mona@home.test", "ya29-vF9dft4", "leo@home.test")
                        .succeeded();
                assertThat(mail.awaitOne().trace().get("received")).contains("with ESMTPSA");
                mail.clear();
                client.send(port, mechanism, "mona@home.test", "ya29-vF9dft5", "leo@home.test")
                        .failed();
                client.send(port, mechanism, "leo@home.test", "ya29-vF9dft4", "leo@home.test")
                        .failed();
            }
            assertThat(server.mailLog())
                    .contains("mechanism=" + mechanism + " name=mona@home.test plugin=tokens")
                    .doesNotContain("name=leo@home.test plugin=tokens");
            assertThat(mail.files()).isEmpty();
        }
    }

    private PosthornProcess start(String plugin, String... lines) {
        Configuration configuration =
                Configuration.onFreePorts()
                        .line(String.join("\n", lines))
                        .plugin(plugin)
                        .plugin("use = relay-domains, domains = [\"home.test\"]")
                        .route("*", "maildir:" + directory.resolve("mail"));
        return PosthornProcess.start(distribution, directory, configuration, "");
    }
}
