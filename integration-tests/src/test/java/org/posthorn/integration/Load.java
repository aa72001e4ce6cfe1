package org.posthorn.integration;

import org.posthorn.integration.harness.SmtpConnection;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/// Sessions that send one message after another, come back when they are cut off, and remember
/// what they were told about each.
///
/// A message goes to one or both of two domains, and now and then to a recipient who is refused as
/// well, or alone. Its content follows from its number.
final class Load implements AutoCloseable {
    /// What became of a message, as far as its sender knows.
    enum Answer {
        /// There was a `250` to its content.
        ACCEPTED,
        /// There was a 4xx or 5xx to its content, or to all of its recipients.
        REFUSED,
        /// The connection was lost before there was an answer.
        UNKNOWN
    }

    /// A message as it was sent.
    ///
    /// @param number its number
    /// @param recipients who was accepted
    /// @param answer what was said of it
    record Sent(int number, List<String> recipients, Answer answer) {}

    private static final Duration PAUSE = Duration.ofMillis(20);
    private static final String REFUSED = "nina@elsewhere.test";

    private final int port;
    private final Map<Integer, Sent> sent = new ConcurrentHashMap<>();
    private final AtomicInteger numbers = new AtomicInteger();
    private final List<Thread> sessions = new ArrayList<>();
    private final List<Throwable> failures = new ArrayList<>();
    private volatile boolean stopped;

    private Load(int port) {
        this.port = port;
    }

    /// Starts so many sessions.
    static Load start(int port, int sessions, long seed) {
        var load = new Load(port);
        var seeds = new SplittableRandom(seed);
        for (int i = 0; i < sessions; i++) {
            SplittableRandom random = seeds.split();
            load.sessions.add(Thread.ofPlatform().start(() -> load.run(random)));
        }
        return load;
    }

    private void run(SplittableRandom random) {
        while (!stopped) {
            try (SmtpConnection connection = SmtpConnection.greeted(port)) {
                while (!stopped) {
                    send(connection, random);
                }
            } catch (SocketTimeoutException e) {
                synchronized (failures) {
                    failures.add(e);
                }
            } catch (IOException _) {
                LockSupport.parkNanos(PAUSE.toNanos());
            }
        }
    }

    private void send(SmtpConnection connection, SplittableRandom random) throws IOException {
        int number = numbers.getAndIncrement();
        List<String> recipients = recipients(random);
        List<String> accepted = new ArrayList<>();
        sent.put(number, new Sent(number, recipients, Answer.REFUSED));
        if (!isYes(connection.command("MAIL FROM:<>"))) {
            throw new IOException("MAIL was refused");
        }
        for (String recipient : recipients) {
            if (isYes(connection.command("RCPT TO:<" + recipient + ">"))) {
                accepted.add(recipient);
            }
        }
        if (accepted.isEmpty() || !connection.command("DATA").startsWith("354")) {
            connection.command("RSET");
            return;
        }
        sent.put(number, new Sent(number, accepted, Answer.UNKNOWN));
        connection.write(content(number));
        Answer answer = isYes(connection.command(".")) ? Answer.ACCEPTED : Answer.REFUSED;
        sent.put(number, new Sent(number, accepted, answer));
    }

    private static List<String> recipients(SplittableRandom random) {
        return switch (random.nextInt(10)) {
            case 0 -> List.of(REFUSED);
            case 1 -> List.of(REFUSED, "leo@home.test");
            case 2, 3, 4 -> List.of("leo@lmtp.test", "leo@home.test");
            case 5, 6 -> List.of("leo@lmtp.test");
            default -> List.of("leo@home.test");
        };
    }

    private static boolean isYes(String reply) {
        return reply.startsWith("250");
    }

    /// Returns the content of a message: mostly small, a few large.
    static byte[] content(int number) {
        var random = new SplittableRandom(number);
        int lines = random.nextInt(40) == 0 ? random.nextInt(12_000) : random.nextInt(60);
        var text = new StringBuilder("Subject: number " + number + "\r\n\r\n");
        for (int i = 0; i < lines; i++) {
            text.append(Long.toHexString(random.nextLong()).repeat(4)).append("\r\n");
        }
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }

    /// Lets each session end what it is at, and waits for that.
    ///
    /// @return what was sent
    List<Sent> stop() {
        close();
        if (!failures.isEmpty()) {
            throw new AssertionError("no answer within a minute", failures.getFirst());
        }
        return List.copyOf(sent.values());
    }

    /// Returns how many messages were begun so far.
    int begun() {
        return numbers.get();
    }

    @Override
    public void close() {
        stopped = true;
        try {
            for (Thread session : sessions) {
                session.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while sessions were to end", e);
        }
    }
}
