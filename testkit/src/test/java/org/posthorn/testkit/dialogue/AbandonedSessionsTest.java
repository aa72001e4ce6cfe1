package org.posthorn.testkit.dialogue;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.util.ResourceLeakDetector;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.posthorn.api.intake.Draft;
import org.posthorn.api.intake.QueueUnavailableException;
import org.posthorn.smtp.EventLoops;
import org.posthorn.smtp.server.ListenerConfig;
import org.posthorn.smtp.server.ListenerConfig.Kind;
import org.posthorn.smtp.server.ListenerConfig.Tls;
import org.posthorn.smtp.server.SmtpLimits;
import org.posthorn.smtp.server.SmtpServer;
import org.posthorn.smtp.tls.ServerTls;
import org.posthorn.testkit.ManualClock;
import org.posthorn.testkit.RecordingIntake;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/// A hundred thousand clients that leave in every state there is, in every way: nothing of them
/// stays.
class AbandonedSessionsTest {
    private static final int IN_MEMORY = 90_000;
    private static final int OVER_SOCKETS = 10_000;
    private static final int UNDER_TLS = 50;
    private static final String WHOLE =
            """
            EHLO x
            NOOP
            MAIL FROM:<mona@example.org>
            RCPT TO:<leo@example.org>
            RCPT TO:<nobody@elsewhere.example>
            DATA
            Subject: gone

            body
            .
            MAIL FROM:<>
            RCPT TO:<leo@example.org>
            BDAT 6
            A: b

            BDAT 3 LAST
            c

            QUIT
            """
                    .replace("\n", "\r\n");

    /// The first octets of a TLS handshake, and what is none.
    private static final List<String> HANDSHAKES =
            List.of("", "\u0016", "\u0016\u0003\u0001\u0000\u00c8\u0001\u0000", "MAIL FROM:<>\r\n");

    private final Queue<String> leaks = new ConcurrentLinkedQueue<>();
    private final RecordingIntake intake = new RecordingIntake();
    private final LateIntake late = new LateIntake(intake);

    /// Whether drafts that are begun now are of the store that writes late: in memory alone.
    private final AtomicBoolean writesLate = new AtomicBoolean();

    private final EventLoops loops = EventLoops.start(2);
    private SmtpServer server;

    @BeforeEach
    void start() throws IOException {
        assertThat(ResourceLeakDetector.getLevel()).isEqualTo(ResourceLeakDetector.Level.PARANOID);
        ByteBufUtil.setLeakListener((type, records) -> leaks.add(type + ": " + records));
        Path files = Path.of("src/test/resources/tls");
        server =
                TestServers.with(
                        Map.of(
                                "smtp",
                                ListenerConfig.of("127.0.0.1", 0, Kind.SMTP, Tls.STARTTLS),
                                "smtps",
                                ListenerConfig.of("127.0.0.1", 0, Kind.SMTP, Tls.IMPLICIT)),
                        new SmtpLimits(
                                100_000,
                                100_000,
                                2048,
                                100,
                                20,
                                Duration.ofMinutes(5),
                                Duration.ofMinutes(5)),
                        Optional.of(
                                ServerTls.load(
                                        files.resolve("cert.pem"), files.resolve("key.pem"))),
                        this::begin,
                        _ -> {},
                        ManualClock.atNoon(),
                        loops);
    }

    @AfterEach
    void stop() {
        server.close();
        loops.close();
        ByteBufUtil.setLeakListener(null);
    }

    @Test
    void leaveNothingBehindInMemory() {
        byte[] whole = octets(WHOLE);
        for (int i = 0; i < IN_MEMORY; i++) {
            byte[] said = new byte[i % (whole.length + 1)];
            System.arraycopy(whole, 0, said, 0, said.length);
            var peer = new MemoryPeer(server, "smtp", "192.0.2.1");
            int way = i / whole.length % 10;
            writesLate.set(way == 2 || way == 3 || way == 9);
            switch (way) {
                case 0, 1 -> {
                    peer.send(said);
                    peer.close();
                }
                case 2, 3 -> {
                    peer.send(said);
                    for (int writes = i % 4; writes > 0; writes--) {
                        late.write();
                    }
                    peer.close();
                    late.write();
                }
                case 4, 5, 6, 7, 8 -> {
                    peer.stopReading();
                    peer.send(said);
                    peer.advance(Duration.ofMinutes(6));
                    peer.advance(Duration.ofMinutes(1));
                    assertThat(peer.isOpen()).isFalse();
                }
                default -> {
                    for (byte octet : said) {
                        peer.send(new byte[] {octet});
                        if (octet == '\n') {
                            late.write();
                        }
                    }
                    peer.advance(Duration.ofMinutes(5));
                    peer.close();
                    late.write();
                }
            }
            assertThat(peer.octetsHeld()).isZero();
        }
        assertNothingIsLeft();
    }

    @Test
    void leaveNothingBehindOverSockets() throws IOException {
        Map<String, InetSocketAddress> addresses = server.start();
        abandon(addresses.get("smtp"), 200);
        secured(addresses);
        awaitNobody();
        long before = descriptors();
        abandon(addresses.get("smtp"), OVER_SOCKETS);
        for (int i = 0; i < UNDER_TLS; i++) {
            secured(addresses);
        }
        awaitNobody();
        assertThat(descriptors()).isLessThanOrEqualTo(before);
        assertNothingIsLeft();
    }

    private Draft begin(long size) throws QueueUnavailableException {
        return writesLate.get() ? late.begin(size) : intake.begin(size);
    }

    private static void abandon(InetSocketAddress address, int times) throws IOException {
        byte[] whole = octets(WHOLE);
        ByteBuffer replies = ByteBuffer.allocate(4096);
        for (int i = 0; i < times; i++) {
            try (SocketChannel client = SocketChannel.open(address)) {
                int length = i % (whole.length + 1);
                client.write(ByteBuffer.wrap(whole, 0, length));
                switch (i / whole.length % 4) {
                    case 0 -> {}
                    case 1 -> client.setOption(StandardSocketOptions.SO_LINGER, 0);
                    case 2 -> {
                        client.read(replies.clear());
                        client.setOption(StandardSocketOptions.SO_LINGER, 0);
                    }
                    default -> {
                        client.shutdownOutput();
                        while (client.read(replies.clear()) >= 0) {
                            // Reads all replies, and then the end.
                        }
                    }
                }
            }
        }
    }

    /// Leaves before, within and behind handshakes.
    private static void secured(Map<String, InetSocketAddress> addresses) throws IOException {
        for (String handshake : HANDSHAKES) {
            try (var peer = new SocketPeer(addresses.get("smtps"))) {
                peer.send(handshake.getBytes(StandardCharsets.ISO_8859_1));
            }
            try (var peer = new SocketPeer(addresses.get("smtp"))) {
                peer.send(octets("EHLO x\r\nSTARTTLS\r\n"));
                while (!peer.line().orElseThrow().startsWith("220 2.0.0")) {
                    // The greeting, and the reply to EHLO.
                }
                peer.send(handshake.getBytes(StandardCharsets.ISO_8859_1));
            }
        }
        try (var peer = new SocketPeer(addresses.get("smtps"))) {
            peer.secure();
            peer.send(octets("EHLO x\r\nMAIL FROM:<>\r\n"));
        }
        try (var peer = new SocketPeer(addresses.get("smtps"))) {
            peer.secure();
            peer.send(octets("HELO x\r\nMAIL FROM:<>\r\n"));
            peer.fallSilent();
            for (int i = 0; i < 3; i++) {
                assertThat(peer.line()).isPresent();
            }
            assertThat(peer.line()).isEmpty();
        }
    }

    private void awaitNobody() {
        long end = System.nanoTime() + Duration.ofSeconds(40).toNanos();
        while (server.sessions() > 0 && System.nanoTime() < end) {
            Thread.yield();
        }
        assertThat(server.sessions()).isZero();
    }

    private void assertNothingIsLeft() {
        assertThat(server.sessions()).isZero();
        assertThat(server.sessions("smtp") + server.sessions("smtps")).isZero();
        assertThat(intake.openDrafts()).isZero();
        for (int i = 0; i < 3; i++) {
            System.gc();
            // Leaks are told of when the next buffer is made.
            List<ByteBuf> buffers =
                    Stream.generate(() -> ByteBufAllocator.DEFAULT.directBuffer(16))
                            .limit(100)
                            .toList();
            buffers.forEach(ByteBuf::release);
        }
        assertThat(leaks).isEmpty();
    }

    private static long descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }

    private static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
