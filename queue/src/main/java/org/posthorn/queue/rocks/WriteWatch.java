package org.posthorn.queue.rocks;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// Notices a write that does not come back, on a thread of its own: the one that writes cannot.
final class WriteWatch implements AutoCloseable {
    private static final int LOOKS = 20;

    private final Duration bound;
    private final Supplier<Duration> pending;
    private final Consumer<Duration> late;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread =
            Thread.ofPlatform().name("posthorn-queue-watch").daemon().unstarted(this::run);

    /// Makes it.
    ///
    /// @param bound how long a write may take
    /// @param pending tells how long the present one has taken
    /// @param late is told of one that takes longer, again and again
    WriteWatch(Duration bound, Supplier<Duration> pending, Consumer<Duration> late) {
        this.bound = bound;
        this.pending = pending;
        this.late = late;
    }

    void start() {
        thread.start();
    }

    private void run() {
        long pause = Math.max(1, bound.toMillis() / LOOKS);
        try {
            while (!closing.await(pause, TimeUnit.MILLISECONDS)) {
                Duration waited = pending.get();
                if (waited.compareTo(bound) > 0) {
                    late.accept(waited);
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closing.countDown();
    }
}
