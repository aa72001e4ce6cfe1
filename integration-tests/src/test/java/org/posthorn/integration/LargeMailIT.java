package org.posthorn.integration;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.integration.harness.Arrived;
import org.posthorn.integration.harness.Configuration;
import org.posthorn.integration.harness.Distribution;
import org.posthorn.integration.harness.Finished;
import org.posthorn.integration.harness.Maildir;
import org.posthorn.integration.harness.OpenDirectory;
import org.posthorn.integration.harness.PosthornProcess;
import org.posthorn.integration.peer.Client;
import org.posthorn.integration.peer.Needs;
import org.posthorn.integration.peer.Peer;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/// Large messages go through a small heap.
@Needs({Peer.CURL, Peer.PYTHON})
class LargeMailIT {
    private static final int SIZE = 50 << 20;
    private static final int AT_ONCE = 10;

    @TempDir(factory = OpenDirectory.class)
    Path directory;

    @Test
    void tenMessagesOf50MiBAtOnceGoThroughAHeapOf256MiB() throws Exception {
        byte[] content = content();
        Maildir mail = new Maildir(directory.resolve("mail"));
        Configuration configuration =
                Configuration.forLocalClients()
                        .line("message { max-size = 50MiB }")
                        .route("home.test", "maildir:" + mail.directory());
        try (PosthornProcess server =
                        PosthornProcess.start(
                                Distribution.packed(), directory, configuration, "-Xmx256m");
                ExecutorService clients = Executors.newFixedThreadPool(AT_ONCE)) {
            List<Future<Finished>> sent =
                    IntStream.range(0, AT_ONCE)
                            .mapToObj(i -> clients.submit(() -> send(server, i, content)))
                            .toList();
            for (Future<Finished> each : sent) {
                each.get().succeeded();
            }
            mail.awaitCount(AT_ONCE);
            for (Path file : mail.files()) {
                byte[] arrived = Arrived.in(Files.readAllBytes(file)).withoutTrace();
                assertThat(Arrays.equals(arrived, content)).as("%s is whole", file).isTrue();
            }
        }
    }

    @Test
    void aMessageOverTheLimitIsRefused() throws IOException {
        Configuration configuration =
                Configuration.forLocalClients()
                        .line("message { max-size = 1MiB }")
                        .route("home.test", "maildir:" + directory.resolve("mail"));
        try (PosthornProcess server = PosthornProcess.start(directory, configuration)) {
            List<String> to = List.of("leo@home.test");
            byte[] large = Arrays.copyOf(content(), 2 << 20);
            assertThat(
                            Client.SMTPLIB
                                    .send(server.smtpPort(), "a@client.test", to, large)
                                    .failed()
                                    .said())
                    .contains("552");
        }
    }

    private static Finished send(PosthornProcess server, int number, byte[] content)
            throws IOException {
        List<String> to = List.of("leo" + number + "@home.test");
        return Client.CURL.send(server.smtpPort(), "mona@client.test", to, content);
    }

    private static byte[] content() {
        byte[] line = ("x".repeat(62) + "\r\n").getBytes(StandardCharsets.US_ASCII);
        byte[] content = new byte[SIZE];
        for (int i = 0; i < SIZE; i++) {
            content[i] = line[i % line.length];
        }
        byte[] head = "Subject: large\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(head, 0, content, 0, head.length);
        return content;
    }
}
