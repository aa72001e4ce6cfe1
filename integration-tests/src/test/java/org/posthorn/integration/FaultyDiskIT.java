package org.posthorn.integration;

import static org.assertj.core.api.Assertions.assertThat;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.integration.harness.Configuration;
import org.posthorn.integration.harness.Distribution;
import org.posthorn.integration.harness.FaultyDisk;
import org.posthorn.integration.harness.Maildir;
import org.posthorn.integration.harness.OpenDirectory;
import org.posthorn.integration.harness.PosthornProcess;
import org.posthorn.integration.peer.Needs;
import org.posthorn.integration.peer.Peer;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// A disk that becomes read-only, or slow, under a running server: senders are asked to come again,
/// or wait; nothing that was acknowledged is lost, and all goes on by itself.
@Needs(Peer.GCC)
class FaultyDiskIT {
    private static final int DRAFT_MEMORY = 16 << 20;

    @TempDir(factory = OpenDirectory.class)
    Path directory;

    private Maildir mail;
    private FaultyDisk disk;

    @BeforeEach
    void makeDisk() {
        mail = new Maildir(directory.resolve("mail"));
        disk = FaultyDisk.of(directory.resolve("data"), directory);
    }

    private PosthornProcess start(String queue) {
        Configuration configuration =
                Configuration.forLocalClients()
                        .line("queue { " + queue + " }")
                        .route("home.test", "maildir:" + mail.directory())
                        .route("held.test", "hold");
        Map<String, String> environment = new HashMap<>(disk.environment());
        environment.put("POSTHORN_JAVA_OPTS", "-Xmx" + 8 * (DRAFT_MEMORY >> 20) + "m");
        return PosthornProcess.start(Distribution.packed(), directory, configuration, environment)
                .expect("no mail is taken|no message can be taken|senders are told to come again")
                .expect("stays closed|cannot be written|could not write|purged now");
    }

    private static JsonNode store(PosthornProcess server) {
        String status = server.command("status", "--json").succeeded().output();
        return JsonMapper.shared().readTree(status).get("store");
    }

    @Test
    void aReadOnlyDiskIsA4xxUntilItCanBeWrittenAgain() throws IOException {
        try (PosthornProcess server = start("min-free-space = 0")) {
            assertThat(Mail.send(server, "leo@home.test", "before", 0)).startsWith("250");
            assertThat(Mail.send(server, "ida@held.test", "held", 0)).startsWith("250");
            mail.awaitCount(1);
            disk.becomeReadOnly();
            assertThat(Mail.send(server, "leo@home.test", "meanwhile", 0)).startsWith("451 4.3.0");
            assertThat(Mail.send(server, "leo@home.test", "large", 1 << 20))
                    .startsWith("451 4.3.0");
            Awaitility.await("a word on why")
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> store(server).get("fault").asString().contains("Read-only file"));
            assertThat(server.log()).contains("stays closed").contains("Read-only file system");

            disk.heal();
            Awaitility.await("recovery")
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> Mail.send(server, "leo@home.test", "after", 0).startsWith("250"));
            assertThat(mail.await(2)).anyMatch(it -> it.text().contains("Subject: after"));
            assertThat(store(server).get("fault").asString()).isEmpty();
            Awaitility.await("the settlement of what was delivered before")
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> server.queue().size() == 1);
            Awaitility.await("the mail log")
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> server.mailLog().contains("event=store-resumed"));
            assertThat(server.mailLog())
                    .contains("event=store-failed")
                    .contains("reply=\"451 4.3.0")
                    .doesNotContain("event=dropped");
            assertThat(server.terminate()).isIn(0, 143);
            server.command("queue", "verify").succeeded();
        }
    }

    @Test
    void sessionsWaitForASlowDiskInBoundedMemory() throws Exception {
        int sessions = 16;
        try (PosthornProcess server = start("min-free-space = 0")) {
            disk.becomeSlow(Duration.ofSeconds(1));
            try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Future<String>> sent = new ArrayList<>();
                for (int i = 0; i < sessions; i++) {
                    String subject = "message " + i;
                    sent.add(
                            clients.submit(
                                    () -> Mail.send(server, "ida@held.test", subject, 3 << 19)));
                }
                while (!sent.stream().allMatch(Future::isDone)) {
                    JsonNode store = store(server);
                    assertThat(store.get("draftOctets").asLong())
                            .isBetween(0L, (long) DRAFT_MEMORY);
                    assertThat(store.get("waitingWrites").asLong()).isBetween(0L, (long) sessions);
                    assertThat(store.get("fault").asString()).isEmpty();
                }
                for (Future<String> it : sent) {
                    assertThat(it.get()).startsWith("250");
                }
            }
            assertThat(store(server).get("syncMillis").asLong()).isGreaterThanOrEqualTo(1000);
            disk.heal();
            assertThat(server.queue()).hasSize(sessions);
        }
    }

    @Test
    void aDiskThatDoesNotAnswerIsA451AndIsWaitedForNoMore() throws Exception {
        try (PosthornProcess server = start("min-free-space = 0, write-timeout = 2s")) {
            disk.becomeSlow(Duration.ofHours(1));
            try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Future<String>> sent = new ArrayList<>();
                for (int i = 0; i < 10; i++) {
                    int size = i % 2 * (1 << 20);
                    sent.add(
                            clients.submit(() -> Mail.send(server, "leo@home.test", "late", size)));
                }
                for (Future<String> it : sent) {
                    assertThat(it.get()).startsWith("451 4.3.0");
                }
            }
            assertThat(store(server).get("fault").asString()).contains("has not written for");
            assertThat(Mail.send(server, "ida@held.test", "refused", 0)).startsWith("451 4.3.0");
            disk.heal();
            Awaitility.await("recovery")
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> Mail.send(server, "ida@held.test", "after", 0).startsWith("250"));
            assertThat(server.queue()).anyMatch(it -> it.toString().contains("ida@held.test"));
            assertThat(server.terminate()).isIn(0, 143);
            server.command("queue", "verify").succeeded();
        }
    }
}
