package org.posthorn.integration;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.integration.harness.Configuration;
import org.posthorn.integration.harness.Distribution;
import org.posthorn.integration.harness.OpenDirectory;
import org.posthorn.integration.harness.PluginJar;
import org.posthorn.integration.harness.PosthornProcess;
import org.posthorn.integration.harness.SmtpConnection;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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

    private PosthornProcess start(String plugin) {
        Configuration configuration =
                Configuration.onFreePorts()
                        .plugin(plugin)
                        .plugin("use = relay-domains, domains = [\"home.test\"]")
                        .route("*", "maildir:" + directory.resolve("mail"));
        return PosthornProcess.start(distribution, directory, configuration, "");
    }
}
