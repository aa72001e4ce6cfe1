package org.posthorn.integration;

import static org.assertj.core.api.Assertions.assertThat;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.integration.Load.Answer;
import org.posthorn.integration.Load.Sent;
import org.posthorn.integration.harness.Configuration;
import org.posthorn.integration.harness.Maildir;
import org.posthorn.integration.harness.OpenDirectory;
import org.posthorn.integration.harness.PosthornProcess;
import org.posthorn.integration.peer.Dovecot;
import org.posthorn.integration.peer.Needs;
import org.posthorn.integration.peer.Peer;

import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;

/// What got its `250` survives `SIGKILL`.
@Needs({Peer.ROOT, Peer.DOVECOT})
class CrashIT {
    private static final int ROUNDS = 10;
    private static final int SESSIONS = 20;
    private static final Duration SLACK = Duration.ofSeconds(2);

    @TempDir(factory = OpenDirectory.class)
    Path directory;

    @Test
    void nothingAcceptedIsLostAndNothingRefusedArrives() throws Exception {
        long seed = Long.getLong("posthorn.seed", System.nanoTime());
        System.out.printf("kill -9: -Dposthorn.seed=%d%n", seed);
        var random = new SplittableRandom(seed);
        Maildir home = new Maildir(directory.resolve("mail"));
        try (Dovecot dovecot = Dovecot.start(directory, List.of("leo@lmtp.test"));
                PosthornProcess server = PosthornProcess.start(directory, configuration(dovecot))) {
            List<FileTime> kills = new ArrayList<>();
            List<Sent> sent;
            try (Load load = Load.start(server.smtpPort(), SESSIONS, random.nextLong())) {
                for (int round = 0; round < ROUNDS; round++) {
                    LockSupport.parkNanos(random.nextLong(Duration.ofSeconds(2).toNanos()));
                    server.kill();
                    kills.add(FileTime.from(Instant.now()));
                    server.start();
                }
                sent = load.stop();
            }
            Maildir lmtp = dovecot.mail("leo@lmtp.test");
            Awaitility.await("all accepted mail")
                    .atMost(Duration.ofMinutes(2))
                    .until(() -> queueIsEmpty(server));
            report(sent);
            for (Deliveries deliveries :
                    List.of(Deliveries.in("home.test", home), Deliveries.in("lmtp.test", lmtp))) {
                deliveries.assertAsPromised(sent);
                System.out.printf(
                        "kill -9: %d duplicates at %s, each of a delivery cut off by a kill%n",
                        deliveries.explainedDuplicates(kills, SLACK), deliveries.domain());
            }
        }
    }

    private Configuration configuration(Dovecot dovecot) {
        return Configuration.onFreePorts()
                .plugin("use = relay-domains, domains = [\"home.test\", \"lmtp.test\"]")
                .line("queue { first-retry = 1s }")
                .route("home.test", "maildir:" + directory.resolve("mail"))
                .route("lmtp.test", "lmtp://127.0.0.1:" + dovecot.port());
    }

    private static boolean queueIsEmpty(PosthornProcess server) {
        return server.queue().isEmpty();
    }

    private static void report(List<Sent> sent) {
        Map<Answer, Integer> counts = new EnumMap<>(Answer.class);
        sent.forEach(message -> counts.merge(message.answer(), 1, Integer::sum));
        System.out.printf("kill -9: %d rounds, %d sessions, %s%n", ROUNDS, SESSIONS, counts);
        assertThat(counts.get(Answer.ACCEPTED)).as("accepted messages").isGreaterThan(100);
    }
}
