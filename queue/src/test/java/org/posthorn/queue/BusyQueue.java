package org.posthorn.queue;

import org.posthorn.api.config.ByteSize;
import org.posthorn.api.intake.Draft;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicInteger;

/// A process that accepts and settles until it is killed, and says what was acknowledged: `A`
/// accepted, `S` about to settle, `D` settled.
final class BusyQueue {
    private BusyQueue() {}

    public static void main(String[] arguments) throws Exception {
        RocksQueue queue =
                RocksQueue.open(
                        Path.of(arguments[0]),
                        RocksQueueTest.config(new ByteSize(0)),
                        RocksQueueTest.LIMITS,
                        InstantSource.system(),
                        new SecureRandom());
        AtomicInteger number = new AtomicInteger();
        for (int session = 0; session < 8; session++) {
            Thread.ofPlatform().start(() -> accept(queue, arguments[1], number));
        }
        while (true) {
            Job job = queue.take();
            String token = token(Mail.text(job.content()));
            if (Math.floorMod(token.hashCode(), 3) == 0) {
                say("S " + token);
                queue.settle(job, Mail.delivered(job)).thenRun(() -> say("D " + token));
            } else {
                queue.settle(
                        job,
                        Mail.deferred(job, InstantSource.system().instant().plusSeconds(3600)));
            }
        }
    }

    private static void accept(RocksQueue queue, String prefix, AtomicInteger number) {
        while (true) {
            String token = prefix + "n" + number.incrementAndGet();
            boolean large = Math.floorMod(token.hashCode(), 20) == 0;
            try (Draft draft = queue.begin(0)) {
                draft.write(
                                ByteBuffer.wrap(
                                        (token + "\r\n" + "x".repeat(large ? 700_000 : 1000))
                                                .getBytes(StandardCharsets.US_ASCII)))
                        .toCompletableFuture()
                        .join();
                draft.commit(Mail.submission("leo@d" + number.get() % 50 + ".example"))
                        .toCompletableFuture()
                        .join();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
            say("A " + token);
        }
    }

    private static synchronized void say(String line) {
        System.out.println(line + ".");
    }

    static String token(String content) {
        return content.split("\r\n", -1)[2];
    }
}
