package org.posthorn.integration;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.US_ASCII;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.integration.harness.Configuration;
import org.posthorn.integration.harness.Finished;
import org.posthorn.integration.harness.Maildir;
import org.posthorn.integration.harness.OpenDirectory;
import org.posthorn.integration.harness.PosthornProcess;
import org.posthorn.integration.harness.SmtpConnection;
import org.posthorn.integration.peer.Needs;
import org.posthorn.integration.peer.Peer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;

/// A full disk is a 452 or 451 to the sender, and is forgotten when there is room again.
@Needs({Peer.ROOT, Peer.MOUNT})
class DiskFullIT {
    @TempDir(factory = OpenDirectory.class)
    Path directory;

    private Path data;

    @BeforeEach
    void mount() throws IOException {
        data = Files.createDirectory(directory.resolve("data"));
        Finished.run(List.of("mount", "-t", "tmpfs", "-o", "size=96m", "posthorn", data.toString()))
                .succeeded();
    }

    @AfterEach
    void unmount() {
        Finished.run(List.of("umount", data.toString())).succeeded();
    }

    /// Once we keep the last octets free by ourselves, once it is the write that fails.
    @ParameterizedTest
    @ValueSource(strings = {"16MiB", "0"})
    void aFullDiskIsA4xxUntilThereIsRoomAgain(String minFreeSpace) throws IOException {
        Maildir mail = new Maildir(directory.resolve("mail"));
        Configuration configuration =
                Configuration.forLocalClients()
                        .line("queue { min-free-space = " + minFreeSpace + " }")
                        .route("home.test", "maildir:" + mail.directory());
        try (PosthornProcess server = PosthornProcess.start(directory, configuration)) {
            server.expect("(?i)space|disk|store|written");
            assertThat(send(server, "before")).startsWith("250");
            Path filler = fill();
            Awaitility.await("a refusal")
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> send(server, "full").matches("45[12] 4\\.3\\..*"));
            assertThat(server.isRunning()).isTrue();
            Files.delete(filler);
            Awaitility.await("recovery")
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> send(server, "after").startsWith("250"));
            assertThat(mail.await(2)).anyMatch(it -> it.text().contains("Subject: after"));
        }
    }

    /// Fills the file system to its last octet.
    private Path fill() throws IOException {
        Path filler = data.resolve("filler");
        byte[] block = new byte[4096];
        try (var out = Files.newOutputStream(filler, StandardOpenOption.CREATE)) {
            while (true) {
                out.write(block);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space left");
            return filler;
        }
    }

    /// Returns the reply to `MAIL` or to the content, whichever refuses.
    private static String send(PosthornProcess server, String subject) throws IOException {
        try (SmtpConnection connection = SmtpConnection.greeted(server.smtpPort())) {
            String mail = connection.command("MAIL FROM:<>");
            if (!mail.startsWith("250")) {
                return mail;
            }
            assertThat(connection.command("RCPT TO:<leo@home.test>")).startsWith("250");
            String data = connection.command("DATA");
            if (!data.startsWith("354")) {
                return data;
            }
            connection.write(Mail.about(subject));
            connection.write(("x".repeat(62) + "\r\n").repeat(8 << 10).getBytes(US_ASCII));
            return connection.command(".");
        }
    }
}
