package org.posthorn.integration;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.integration.harness.Configuration;
import org.posthorn.integration.harness.Distribution;
import org.posthorn.integration.harness.Finished;
import org.posthorn.integration.harness.OpenDirectory;
import org.posthorn.integration.harness.PosthornProcess;
import org.posthorn.integration.harness.SmtpConnection;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// The project under `plugins/example`, built as its author would: by Maven, against the API of an
/// installed Posthorn alone.
class ExamplePluginIT {
    private static final Path PROJECT = Path.of("..", "plugins", "example");

    @TempDir(factory = OpenDirectory.class)
    Path directory;

    @Test
    void itsVerdictIsSeenOnTheWire() throws IOException {
        Distribution distribution = Distribution.packed().copiedTo(directory.resolve("posthorn"));
        install(distribution);
        Path words = Files.writeString(directory.resolve("words"), "lottery\n");
        Configuration configuration =
                Configuration.onFreePorts()
                        .plugin("use = relay-domains, domains = [\"home.test\"]")
                        .plugin("use = subject-words, file = \"" + words + "\"")
                        .route("*", "discard");
        try (PosthornProcess server =
                PosthornProcess.start(distribution, directory, configuration, "")) {
            assertThat(send(server, "Your lottery ticket"))
                    .isEqualTo("550 5.7.1 The subject has the word lottery");
            assertThat(send(server, "Lunch")).startsWith("250 2.0.0");
        }
    }

    private void install(Distribution distribution) {
        Path project = directory.resolve("example");
        Finished.run(List.of("cp", "-r", PROJECT.toString(), project.toString())).succeeded();
        List<String> build =
                List.of(
                        "mvn",
                        "-q",
                        "-B",
                        "-Dmaven.repo.local=" + System.getProperty("maven.repository"),
                        "-Dposthorn.home=" + distribution.directory(),
                        "clean",
                        "package");
        Finished.run(project, Map.of(), build, new byte[0]).succeeded();
        String built = project.resolve("target/subject-words").toString();
        String plugins = distribution.plugin("subject-words").toString();
        Finished.run(List.of("cp", "-r", built, plugins)).succeeded();
    }

    private static String send(PosthornProcess server, String subject) throws IOException {
        try (SmtpConnection session = SmtpConnection.greeted(server.smtpPort())) {
            session.command("MAIL FROM:<>");
            session.command("RCPT TO:<leo@home.test>");
            session.command("DATA");
            String content = "Subject: " + subject + "\r\n\r\nHello.\r\n";
            session.write(content.getBytes(StandardCharsets.US_ASCII));
            return session.command(".");
        }
    }
}
