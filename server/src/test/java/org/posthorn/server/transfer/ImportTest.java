package org.posthorn.server.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.api.config.ByteSize;
import org.posthorn.api.event.MailEvent;
import org.posthorn.api.mail.MessageId;
import org.posthorn.queue.Destination;
import org.posthorn.queue.LaneLimits;
import org.posthorn.queue.Operation;
import org.posthorn.queue.QueueConfig;
import org.posthorn.queue.RocksQueue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// Files of all kinds on their way into a queue: what is sound is taken, what is not is named.
class ImportTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final LaneLimits LIMITS =
            new LaneLimits() {
                @Override
                public int active() {
                    return 100;
                }

                @Override
                public int lanes(Destination destination) {
                    return 10;
                }
            };
    private static final String ENVELOPE =
            """
            { "format": 1, "id": "ID", "sender": "mona@example.org",
              "recipients": [ { "address": "leo@example.net" } ],
              "accepted": "2026-01-01T11:00:00Z",
              "jobs": [ { "number": 0, "destination": "example.net", "due": "2026-01-01T11:00:00Z",
                "attempts": 0, "marks": [], "history": [], "waiting": [ { "recipient": 0 } ] } ] }
            """;
    private static final String CONTENT = "Subject: x\r\n\r\nhello\r\n";

    @TempDir private Path directory;
    private final List<MailEvent> told = new ArrayList<>();
    private RocksQueue queue;

    @BeforeEach
    void open() throws IOException {
        QueueConfig config =
                new QueueConfig(
                        Duration.ofDays(5),
                        Duration.ofHours(4),
                        Duration.ofMinutes(1),
                        Duration.ofHours(4),
                        2,
                        List.of(),
                        new ByteSize(0),
                        Duration.ofMinutes(5),
                        100,
                        10,
                        25,
                        Duration.ofHours(1),
                        new ByteSize(1 << 30));
        queue =
                RocksQueue.open(
                        directory.resolve("queue"),
                        config,
                        LIMITS,
                        () -> NOON,
                        new SplittableRandom(1));
    }

    @AfterEach
    void close() {
        queue.close();
    }

    private static String id(int number) {
        return "001000000000" + number + "vfnafj0";
    }

    private static String envelope(int number) {
        return ENVELOPE.replace("ID", id(number));
    }

    /// Writes an archive of names and texts.
    private Path archive(String... files) throws IOException {
        Path archive = directory.resolve("mail.tar");
        Files.deleteIfExists(archive);
        try (FileChannel to =
                FileChannel.open(archive, StandardOpenOption.WRITE, StandardOpenOption.CREATE)) {
            TarWriter tar = new TarWriter(to);
            for (int i = 0; i < files.length; i += 2) {
                byte[] octets = files[i + 1].getBytes(UTF_8);
                tar.file(files[i], octets.length, NOON, new ByteArrayInputStream(octets));
            }
            tar.finish();
        }
        return archive;
    }

    private Account taken(Path from) throws IOException {
        Account account = new Account("import");
        new Import(queue, this::check, told::add, () -> NOON, 1_000)
                .run(from, false, new Operation.By("mona", "a move"), account);
        return account;
    }

    private void check(String route) {
        throw new IllegalArgumentException("to: '" + route + "' is no route");
    }

    @Test
    void whatIsWrongWithOneDoesNotStopTheOthers() throws IOException {
        Account account =
                taken(
                        archive(
                                id(1) + ".json", envelope(1),
                                id(1) + ".eml", CONTENT,
                                id(2) + ".json", envelope(2).replace("leo@", "leo"),
                                id(2) + ".eml", CONTENT,
                                id(3) + ".json", envelope(3),
                                "../" + id(4) + ".eml", CONTENT,
                                id(5) + ".eml", "x".repeat(1_001),
                                id(5) + ".json", envelope(5),
                                id(6) + ".json",
                                        envelope(6)
                                                .replace(
                                                        "\"attempts\": 0",
                                                        "\"attempts\": 0, \"route\": \"mars\""),
                                id(6) + ".eml", CONTENT,
                                id(7) + ".json",
                                        envelope(7)
                                                .replace(
                                                        "\"accepted\"",
                                                        "\"size\": 7, \"accepted\""),
                                id(7) + ".eml", CONTENT,
                                id(8) + ".json",
                                        envelope(8)
                                                .replace(
                                                        "2026-01-01T11:00:00Z\",\n  \"jobs",
                                                        "2026-01-03T11:00:00Z\",\n  \"jobs"),
                                id(8) + ".eml", CONTENT,
                                id(1) + ".json", envelope(1),
                                id(1) + ".eml", CONTENT,
                                id(9) + ".eml", CONTENT,
                                id(9) + ".json", envelope(9)));
        assertThat(account.result().messages()).isEqualTo(2);
        assertThat(account.result().said())
                .containsExactly(
                        id(2)
                                + ".eml: recipients[0].address: 'leoexample.net': a mailbox is local-part@domain",
                        "entry ../" + id(4) + ".eml: expected a file called ID.json or ID.eml",
                        "entry " + id(3) + ".json: expected its .eml beside it",
                        id(5)
                                + ".json: its content has 1001 octets: expected at most 1000, as message.max-size says",
                        id(6) + ".eml: route of a job: to: 'mars' is no route",
                        id(7)
                                + ".eml: size: its content has 21 octets, and must have 7; leave size out where it was changed on purpose",
                        id(8) + ".eml: accepted: 2026-01-03T11:00:00Z is more than a day ahead",
                        id(1)
                                + ".eml: there is a message "
                                + id(1)
                                + " already: --new-ids would take it in as another");
        assertThat(account.result().refused()).isEqualTo(8);
        for (int number : new int[] {1, 9}) {
            assertThat(queue.content(new MessageId(id(number))).orElseThrow().size())
                    .isEqualTo(CONTENT.length());
        }
        assertThat(queue.counts().messages()).isEqualTo(2);
        assertThat(told).hasSize(2);
    }

    @Test
    void anArchiveThatWasCutIsReadUpToThere() throws IOException {
        Path archive =
                archive(
                        id(1) + ".json",
                        envelope(1),
                        id(1) + ".eml",
                        CONTENT,
                        id(2) + ".json",
                        envelope(2),
                        id(2) + ".eml",
                        CONTENT);
        try (FileChannel file = FileChannel.open(archive, StandardOpenOption.WRITE)) {
            file.truncate(file.size() - 1_600);
        }
        assertThatThrownBy(() -> taken(archive)).hasMessageContaining("it was cut");
        assertThat(queue.counts().messages()).isOne();
    }

    @Test
    void filesOfADirectoryAreTakenButNoLinks() throws IOException {
        Path files = Files.createDirectory(directory.resolve("files"));
        Files.writeString(files.resolve(id(1) + ".json"), envelope(1));
        Files.writeString(files.resolve(id(1) + ".eml"), CONTENT);
        Files.writeString(files.resolve(id(2) + ".json"), envelope(2));
        Files.createSymbolicLink(files.resolve(id(2) + ".eml"), files.resolve(id(1) + ".eml"));
        Files.writeString(files.resolve(id(3) + ".eml"), CONTENT);
        Files.writeString(files.resolve("README"), "nothing of ours");
        Account account = taken(files);
        assertThat(account.result().messages()).isOne();
        assertThat(account.result().said())
                .containsExactlyInAnyOrder(
                        files + "/" + id(2) + ".json: there is no file " + id(2) + ".eml beside it",
                        files + "/" + id(3) + ".eml: there is no .json of the same name beside it");
        Files.delete(files.resolve(id(2) + ".eml"));
        Files.writeString(files.resolve(id(2) + ".eml"), CONTENT);
        assertThat(taken(files.resolve(id(2) + ".json")).result().messages()).isOne();
    }
}
