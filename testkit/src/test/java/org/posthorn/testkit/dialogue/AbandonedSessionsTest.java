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
import org.posthorn.api.net.Network;
import org.posthorn.api.plugin.Verdict;
import org.posthorn.smtp.EventLoops;
import org.posthorn.smtp.server.ConfiguredPlugin;
import org.posthorn.smtp.server.ListenerConfig;
import org.posthorn.smtp.server.ListenerConfig.Kind;
import org.posthorn.smtp.server.ListenerConfig.Tls;
import org.posthorn.smtp.server.ProxyProtocol;
import org.posthorn.smtp.server.SmtpLimits;
import org.posthorn.smtp.server.SmtpServer;
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
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/// A hundred thousand clients that leave in every state there is, in every way: nothing of them
/// stays.
class AbandonedSessionsTest {
    private static final int IN_MEMORY = 86_000;
    private static final int OVER_SOCKETS = 11_000;
    private static final int HALF_SECURED = 2_700;
    private static final int SECURED = 300;

    private static final String MESSAGES =
            """
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
            """;

    /// `pencil` is mona's password; what the server chooses by chance is zeros.
    private static final String EXCHANGES =
            """
            AUTH PLAIN
            *
            AUTH LOGIN
            bW9uYQ==
            no Base64
            AUTH SCRAM-SHA-256
            biwsbj1tb25hLHI9YWJj
            Yz1iaXdzLHI9YWJjQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBLHA9Y1RkYlhweU5ER3BmaXlOWDJlRmx1aTBQMlFYMkZGYU45aG5FNjdPUGJzND0=

            """;

    /// All that clients say at each listener, if they do not leave before.
    private static final Map<String, byte[]> SCRIPTS =
            Map.of(
                    "smtp", octets("EHLO x\nNOOP\n" + MESSAGES),
                    "lmtp", octets("LHLO x\n" + MESSAGES),
                    "submission", octets("EHLO x\n" + EXCHANGES + MESSAGES),
                    "proxied",
                            octets(
                                    "PROXY TCP4 203.0.113.7 192.0.2.25 40007 25\nEHLO x\n"
                                            + MESSAGES));

    private static final ConfiguredPlugin USERS =
            TestServers.plugin("users", TestServers.known(TestServers.mona()));

    /// Is asked on threads of its own, so that clients leave while it thinks.
    private static final ConfiguredPlugin THINKING =
            TestServers.plugin(
                    "thinking", TestHooks.blocking((TestHooks.Rcpt) (_, _) -> Verdict.NO_OPINION));

    private static final List<String> LISTENERS = SCRIPTS.keySet().stream().sorted().toList();

    private final Queue<String> leaks = new ConcurrentLinkedQueue<>();
    private final RecordingIntake intake = new RecordingIntake();
    private final LateIntake late = new LateIntake(intake);

    /// Whether drafts that are begun now are of the store that writes late: in memory alone.
    private final AtomicBoolean writesLate = new AtomicBoolean();

    private final EventLoops loops = EventLoops.start(2);
    private SmtpServer server;

    @BeforeEach
    void detect() {
        assertThat(ResourceLeakDetector.getLevel()).isEqualTo(ResourceLeakDetector.Level.PARANOID);
        ByteBufUtil.setLeakListener((type, records) -> leaks.add(type + ": " + records));
    }

    private SmtpServer server(ConfiguredPlugin... plugins) {
        ListenerConfig smtp = ListenerConfig.of("127.0.0.1", 0, Kind.SMTP, Tls.STARTTLS);
        ListenerConfig smtps = ListenerConfig.of("127.0.0.1", 0, Kind.SMTP, Tls.IMPLICIT);
        var proxies = new ProxyProtocol(List.of(Network.parse("127.0.0.1")));
        Duration time = Duration.ofMinutes(5);
        return TestServers.with(
                Map.of(
                        "smtp",
                        smtp,
                        "lmtp",
                        ListenerConfig.of("127.0.0.1", 0, Kind.LMTP, Tls.STARTTLS),
                        "submission",
                        TestServers.SUBMISSION,
                        "proxied",
                        smtp.trusting(proxies, List.of(), List.of()),
                        "smtps",
                        smtps,
                        "proxied-tls",
                        smtps.trusting(proxies, List.of(), List.of())),
                new SmtpLimits(100_000, 100_000, 2048, 100, 20, time, time),
                Optional.of(
                        TestTls.server(smtp.clientPolicy(), TestServers.SUBMISSION.clientPolicy())),
                this::begin,
                _ -> {},
                ManualClock.atNoon(),
                loops,
                plugins);
    }

    @AfterEach
    void stop() {
        server.close();
        loops.close();
        ByteBufUtil.setLeakListener(null);
    }

    @Test
    void leaveNothingBehindInMemory() throws IOException {
        server = server(USERS);
        for (String listener : LISTENERS) {
            new MemoryPeer(server, listener, "127.0.0.1").send(whole(listener));
        }
        assertThat(intake.messages()).hasSize(2 * LISTENERS.size());
        for (int i = 0; i < IN_MEMORY; i++) {
            String listener = LISTENERS.get(i % LISTENERS.size());
            byte[] whole = whole(listener);
            int round = i / LISTENERS.size();
            byte[] said = Arrays.copyOf(whole, round % (whole.length + 1));
            var peer = new MemoryPeer(server, listener, "127.0.0.1");
            int way = round / (whole.length + 1) % 10;
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
    void leaveNothingBehindOverSockets() throws Exception {
        server = server(USERS, THINKING);
        Map<String, InetSocketAddress> addresses = server.start();
        abandon(addresses, 200);
        halfSecured(addresses, 200);
        secured(addresses, 20);
        awaitNobody();
        long before = descriptors();
        abandon(addresses, OVER_SOCKETS);
        halfSecured(addresses, HALF_SECURED);
        secured(addresses, SECURED);
        awaitNobody();
        assertThat(descriptors()).isLessThanOrEqualTo(before);
        assertNothingIsLeft();
    }

    private Draft begin(long size) throws QueueUnavailableException {
        return writesLate.get() ? late.begin(size) : intake.begin(size);
    }

    private static void abandon(Map<String, InetSocketAddress> addresses, int times)
            throws IOException {
        for (int i = 0; i < times; i++) {
            String listener = LISTENERS.get(i % LISTENERS.size());
            byte[] whole = whole(listener);
            int round = i / LISTENERS.size();
            try (SocketChannel client = SocketChannel.open(addresses.get(listener))) {
                client.write(ByteBuffer.wrap(whole, 0, round % (whole.length + 1)));
                leave(client, round);
            }
        }
    }

    /// Leaves at once, by a reset, by a reset behind some replies, or when all replies are read.
    private static void leave(SocketChannel client, int way) throws IOException {
        ByteBuffer replies = ByteBuffer.allocate(8192);
        switch (way % 4) {
            case 0 -> {}
            case 1 -> client.setOption(StandardSocketOptions.SO_LINGER, 0);
            case 2 -> {
                client.write(ByteBuffer.wrap(octets("\n")));
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

    /// Leaves within handshakes: before and behind each octet of the client's first message, and
    /// with what is none.
    private static void halfSecured(Map<String, InetSocketAddress> addresses, int times)
            throws Exception {
        byte[] hello = clientHello();
        ByteBuffer replies = ByteBuffer.allocate(8192);
        List<String> listeners = List.of("smtp", "smtps", "proxied-tls", "submission");
        for (int i = 0; i < times; i++) {
            String listener = listeners.get(i % listeners.size());
            int round = i / listeners.size();
            try (SocketChannel client = SocketChannel.open(addresses.get(listener))) {
                if (listener.equals("proxied-tls")) {
                    client.write(ByteBuffer.wrap(octets("PROXY UNKNOWN\n")));
                } else if (!listener.equals("smtps")) {
                    client.write(ByteBuffer.wrap(octets("EHLO x\nSTARTTLS\n")));
                    String heard = "";
                    while (!heard.contains("220 2.0.0")) {
                        client.read(replies.clear());
                        heard += StandardCharsets.US_ASCII.decode(replies.flip());
                    }
                }
                byte[] said =
                        round % 7 == 6
                                ? octets("MAIL FROM:<>\n")
                                : Arrays.copyOf(hello, round * 37 % (hello.length + 1));
                client.write(ByteBuffer.wrap(said));
                leave(client, round);
            }
        }
    }

    private static byte[] clientHello() throws Exception {
        var engine = TestTls.client("nobody").createSSLEngine();
        engine.setUseClientMode(true);
        ByteBuffer hello = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.allocate(0), hello);
        return Arrays.copyOf(hello.array(), hello.position());
    }

    /// Leaves under TLS, in every state.
    private static void secured(Map<String, InetSocketAddress> addresses, int times)
            throws Exception {
        List<String> listeners = List.of("smtp", "smtps", "submission");
        for (int i = 0; i < times; i++) {
            String listener = listeners.get(i % listeners.size());
            byte[] whole = whole(listener.equals("smtps") ? "smtp" : listener);
            int round = i / listeners.size();
            try (var peer = new SocketPeer(addresses.get(listener))) {
                if (!listener.equals("smtps")) {
                    peer.expect("220");
                    peer.say("EHLO x", "250");
                    peer.say("STARTTLS", "220");
                }
                peer.secure();
                peer.send(Arrays.copyOf(whole, round * 13 % (whole.length + 1)));
                if (round % 2 == 0) {
                    peer.fallSilent();
                    while (peer.line().isPresent()) {
                        // Reads all replies, and then the end.
                    }
                }
            }
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
        assertThat(LISTENERS).allSatisfy(name -> assertThat(server.sessions(name)).isZero());
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

    private static byte[] whole(String listener) {
        return Objects.requireNonNull(SCRIPTS.get(listener));
    }

    private static byte[] octets(String text) {
        return text.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII);
    }
}
