package org.posthorn.integration;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.integration.harness.Configuration;
import org.posthorn.integration.harness.Maildir;
import org.posthorn.integration.harness.OpenDirectory;
import org.posthorn.integration.harness.PosthornProcess;
import org.posthorn.integration.harness.SmtpConnection;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/// Blocks of the queue's files go bad under a running server: what was in them is named, and the
/// rest goes on, also after a restart.
class CorruptBlocksIT {
    private static final int MESSAGES = 300;
    private static final int LARGE = 3;

    @TempDir(factory = OpenDirectory.class)
    Path directory;

    private Maildir mail;

    @Test
    void whatIsInABadBlockIsNamedAndTheRestGoesOn() throws IOException {
        mail = new Maildir(directory.resolve("mail"));
        Configuration configuration =
                Configuration.forLocalClients()
                        .line("queue { min-free-space = 0 }")
                        .route("held.test", "hold")
                        .route("home.test", "maildir:" + directory.resolve("other"));
        try (PosthornProcess server = PosthornProcess.start(directory, configuration)) {
            server.expect("left out of the list|is damaged|are damaged");
            send(server);
            restart(server);
            damage(server, "message", 0.1);
            damage(server, "job", 0.5);
            damage(server, "content", 0.7);
            damageBlobs(server);

            server.command(
                            "queue",
                            "redirect",
                            "--where",
                            "*",
                            "--to",
                            "maildir:" + mail.directory())
                    .succeeded();
            server.command("queue", "release", "--where", "*").succeeded();
            Awaitility.await("what is damaged to be held again")
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> held(server).size() > LARGE);
            mail.awaitCount(MESSAGES / 2);
            goesOn(server);
            assertThat(server.command("status").succeeded().output()).contains("damage");

            server.kill();
            server.start();
            goesOn(server);
            assertThat(mail.files()).hasSizeBetween(MESSAGES / 2, MESSAGES - 3);
        }
    }

    private static void send(PosthornProcess server) throws IOException {
        try (SmtpConnection connection = SmtpConnection.greeted(server.smtpPort())) {
            for (int i = 0; i < MESSAGES; i++) {
                connection.command("MAIL FROM:<sender-" + i + "@client.test>");
                connection.command("RCPT TO:<ida@held.test>");
                connection.command("DATA");
                connection.write(Mail.about("message " + i));
                assertThat(connection.command(".")).startsWith("250");
            }
        }
        for (int i = 0; i < LARGE; i++) {
            assertThat(Mail.send(server, "ida@held.test", "large", 100 << 10)).startsWith("250");
        }
    }

    /// At its end, the server writes all that it has in memory into files.
    private static void restart(PosthornProcess server) {
        assertThat(server.terminate()).isIn(0, 143);
        server.start();
    }

    private void goesOn(PosthornProcess server) throws IOException {
        Maildir other = new Maildir(directory.resolve("other"));
        int before = Files.exists(other.directory()) ? other.files().size() : 0;
        assertThat(Mail.send(server, "leo@home.test", "new", 0)).startsWith("250");
        other.awaitCount(before + 1);
        assertThat(held(server)).hasSizeGreaterThan(LARGE);
        assertThat(server.command("queue", "verify").failed().output())
                .contains("unreadable: table MESSAGE from ")
                .contains("unreadable: table JOB from ")
                .contains("unreadable: table CONTENT from ");
    }

    private static List<String> held(PosthornProcess server) {
        return server.command("queue", "list", "--where", "reason=*damaged*", "--json")
                .succeeded()
                .output()
                .lines()
                .toList();
    }

    /// Changes one bit of a table's data, at a part of the file's length.
    private static void damage(PosthornProcess server, String table, double where)
            throws IOException {
        Path its =
                files(server, ".sst").stream()
                        .filter(file -> text(file).contains("name" + table))
                        .findFirst()
                        .orElseThrow();
        flip(its, (long) (Files.size(its) * where));
    }

    private static void damageBlobs(PosthornProcess server) throws IOException {
        for (Path blob : files(server, ".blob")) {
            for (int i = 0; i < LARGE; i++) {
                flip(blob, Files.size(blob) * (2 * i + 1) / (2 * LARGE));
            }
        }
    }

    private static List<Path> files(PosthornProcess server, String ending) throws IOException {
        try (Stream<Path> files = Files.list(server.path("data/queue"))) {
            return files.filter(it -> it.toString().endsWith(ending)).sorted().toList();
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file, ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void flip(Path path, long at) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.seek(at);
            int octet = file.read();
            file.seek(at);
            file.write(octet ^ 1);
        }
    }
}
