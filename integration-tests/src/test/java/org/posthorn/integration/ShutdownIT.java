package org.posthorn.integration;

import static org.assertj.core.api.Assertions.assertThat;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.integration.Load.Sent;
import org.posthorn.integration.harness.Configuration;
import org.posthorn.integration.harness.Maildir;
import org.posthorn.integration.harness.OpenDirectory;
import org.posthorn.integration.harness.PosthornProcess;
import org.posthorn.integration.harness.SmtpConnection;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// `SIGTERM` lets what has begun come to its end, within a bound, and loses nothing.
class ShutdownIT {
    private static final Duration BOUND = Duration.ofSeconds(40);

    @TempDir(factory = OpenDirectory.class)
    Path directory;

    @Test
    void sigtermUnderLoadLosesNothingAndDuplicatesNothing() throws Exception {
        try (PosthornProcess server = PosthornProcess.start(directory, configuration())) {
            List<Sent> sent;
            try (Load load = Load.start(server.smtpPort(), 20, 1)) {
                Awaitility.await().until(() -> load.begun() > 500);
                long before = System.nanoTime();
                assertThat(server.terminate()).isIn(0, 143);
                assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(BOUND);
                server.start();
                sent = load.stop();
            }
            Awaitility.await().atMost(BOUND).until(() -> server.queue().isEmpty());
            for (String domain : List.of("home.test", "lmtp.test")) {
                Maildir mail = new Maildir(directory.resolve(domain));
                Deliveries deliveries = Deliveries.in(domain, mail);
                deliveries.assertAsPromised(sent);
                assertThat(deliveries.explainedDuplicates(List.of(), Duration.ZERO)).isZero();
            }
        }
    }

    @Test
    void anIdleSessionIsToldThatTheServiceCloses() throws Exception {
        try (PosthornProcess server = PosthornProcess.start(directory, configuration());
                SmtpConnection idle = SmtpConnection.greeted(server.smtpPort())) {
            assertThat(server.terminate()).isIn(0, 143);
            assertThat(idle.reply()).startsWith("421");
        }
    }

    private Configuration configuration() {
        return Configuration.onFreePorts()
                .plugin("use = relay-domains, domains = [\"home.test\", \"lmtp.test\"]")
                .route("home.test", "maildir:" + directory.resolve("home.test"))
                .route("lmtp.test", "maildir:" + directory.resolve("lmtp.test"));
    }
}
