package org.posthorn.queue;

import org.posthorn.queue.state.CorruptRecordException;
import org.posthorn.queue.state.StoreFailedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.UncheckedIOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Removes what can no longer be brought back, on a thread of its own, every few seconds.
final class Purge implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Purge.class);
    private static final long SECONDS = 5;

    private final LogQueue queue;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread =
            Thread.ofPlatform().name("posthorn-queue-purge").daemon().unstarted(this::run);

    /// Begins.
    Purge(LogQueue queue) {
        this.queue = queue;
        thread.start();
    }

    private void run() {
        try {
            while (!closing.await(SECONDS, TimeUnit.SECONDS)) {
                try {
                    while (closing.getCount() > 0 && queue.purge() > 0) {
                        LOG.debug("removed mail was purged");
                    }
                } catch (StoreFailedException | CorruptRecordException | UncheckedIOException e) {
                    LOG.warn("removed mail cannot be purged now: {}", e.getMessage());
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closing.countDown();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
