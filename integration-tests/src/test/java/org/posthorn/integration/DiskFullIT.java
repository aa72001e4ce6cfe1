package org.posthorn.integration;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.US_ASCII;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
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

    private static String send(PosthornProcess server, String subject) throws IOException {
        return Mail.send(server, "leo@home.test", subject, 512 << 10);
    }

    /// Below `min-free-space`, nobody sends content in vain.
    @Test
    void aDiskBelowItsMinimumIsA452BeforeTheContent() throws IOException {
        Configuration configuration =
                Configuration.forLocalClients()
                        .line("queue { min-free-space = 16MiB }")
                        .route("home.test", "discard");
        try (PosthornProcess server = PosthornProcess.start(directory, configuration)) {
            server.expect("no message can be taken: no space for mail in .*min-free-space");
            long free = Files.getFileStore(data).getUsableSpace();
            byte[] most = new byte[(int) free - (12 << 20)];
            Path filler = Files.write(data.resolve("filler"), most);
            try (SmtpConnection connection = SmtpConnection.greeted(server.smtpPort())) {
                assertThat(connection.command("MAIL FROM:<> SIZE=1000")).startsWith("250");
                assertThat(connection.command("RCPT TO:<leo@home.test>")).startsWith("250");
                assertThat(connection.command("DATA")).startsWith("452 4.3.1");
                assertThat(connection.command("MAIL FROM:<>")).startsWith("250");
                assertThat(connection.command("RCPT TO:<leo@home.test>")).startsWith("250");
                connection.write("BDAT 11 LAST\r\nSubject: a\n".getBytes(US_ASCII));
                assertThat(connection.reply()).startsWith("452 4.3.1");
                assertThat(server.command("status").succeeded().output())
                        .contains("FAILED: no space for mail in " + data)
                        .contains("min-free-space");
                Files.delete(filler);
                assertThat(connection.command("MAIL FROM:<>")).startsWith("250");
                assertThat(connection.command("RCPT TO:<leo@home.test>")).startsWith("250");
                assertThat(connection.command("DATA")).startsWith("354");
                connection.write(Mail.about("after"));
                assertThat(connection.command(".")).startsWith("250");
            }
            assertThat(server.mailLog()).contains("command=DATA argument=\"\" reply=\"452 4.3.1");
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
}
