package org.posthorn.queue;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.api.config.ByteSize;
import org.posthorn.api.mail.MessageId;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A process that is killed at random moments while it accepts and settles loses nothing that it
/// acknowledged.
@Timeout(180)
class KillTest {
    private static final int ROUNDS = 5;

    @TempDir Path directory;

    private final Set<String> accepted = new HashSet<>();
    private final Set<String> attempted = new HashSet<>();
    private final Set<String> finished = new HashSet<>();

    @Test
    void aKilledProcessLosesNothingThatItAcknowledged() throws Exception {
        Random random = new Random(1);
        for (int round = 0; round < ROUNDS; round++) {
            killAfter(100 + random.nextInt(900), round);
        }
        Set<String> left = left();
        assertThat(accepted).hasSizeGreaterThan(100);
        Set<String> owed = new HashSet<>(accepted);
        owed.removeAll(attempted);
        assertThat(left).containsAll(owed);
        assertThat(left).doesNotContainAnyElementsOf(finished);
    }

    private void killAfter(int lines, int round) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(
                                List.of(
                                        Path.of(System.getProperty("java.home"), "bin", "java")
                                                .toString(),
                                        "--enable-native-access=ALL-UNNAMED",
                                        "-Xmx128m",
                                        "-cp",
                                        classPath(),
                                        BusyQueue.class.getName(),
                                        directory.toString(),
                                        "r" + round))
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        try (BufferedReader out =
                new BufferedReader(
                        new InputStreamReader(
                                process.getInputStream(), StandardCharsets.US_ASCII))) {
            for (int i = 0; i < lines; i++) {
                note(Objects.requireNonNull(out.readLine(), "the process ended by itself"));
            }
            assertThat(process.toHandle().destroyForcibly()).isTrue();
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                note(line);
            }
        } finally {
            process.destroyForcibly();
        }
    }

    /// Takes whole lines only: the last one may be cut.
    private void note(String line) {
        if (line.endsWith(".")) {
            String token = line.substring(2, line.length() - 1);
            switch (line.charAt(0)) {
                case 'A' -> accepted.add(token);
                case 'S' -> attempted.add(token);
                default -> finished.add(token);
            }
        }
    }

    /// Returns the class path of a process of its own.
    static String classPath() {
        return Stream.of(
                        System.getProperty("java.class.path"),
                        System.getProperty("jdk.module.path"),
                        "target/classes",
                        "target/test-classes")
                .filter(it -> it != null && !it.isEmpty())
                .collect(Collectors.joining(File.pathSeparator));
    }

    private Set<String> left() throws IOException {
        Set<String> tokens = new HashSet<>();
        try (RocksQueue queue =
                RocksQueue.open(
                        directory,
                        RocksQueueTest.config(new ByteSize(0)),
                        RocksQueueTest.LIMITS,
                        InstantSource.system(),
                        new SecureRandom())) {
            Optional<MessageId> after = Optional.empty();
            for (List<QueuedMessage> page = queue.list(after, 1000);
                    !page.isEmpty();
                    page = queue.list(after, 1000)) {
                page.forEach(
                        it ->
                                tokens.add(
                                        BusyQueue.token(
                                                Mail.text(queue.content(it.id()).orElseThrow()))));
                after = Optional.of(page.getLast().id());
            }
            assertThat(queue.counts().messages()).isEqualTo(tokens.size());
        }
        return tokens;
    }
}
