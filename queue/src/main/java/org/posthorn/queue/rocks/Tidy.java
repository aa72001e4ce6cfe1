package org.posthorn.queue.rocks;

import org.posthorn.queue.state.CorruptRecordException;
import org.posthorn.queue.state.StoreFailedException;
import org.posthorn.queue.state.Tally;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// Gives space back: RocksDB compacts by itself while mail flows, but a store that has been drained
/// and lies idle would stay large.
final class Tidy implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Tidy.class);
    private static final long SLACK = 64L << 20;
    private static final long OCTETS_PER_JOB = 1024;
    private static final long SECONDS = 20;

    private final RocksStore store;
    private final Supplier<Tally> tally;
    private final Runnable doubt;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread =
            Thread.ofPlatform().name("posthorn-queue-tidy").daemon().unstarted(this::run);
    private long sizeAfterLast;

    /// Makes it.
    ///
    /// @param doubt is run when damage was found: the store may write no more
    Tidy(RocksStore store, Supplier<Tally> tally, Runnable doubt) {
        this.store = store;
        this.tally = tally;
        this.doubt = doubt;
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            while (!closing.await(SECONDS, TimeUnit.SECONDS)) {
                try {
                    tidy();
                } catch (StoreFailedException e) {
                    LOG.debug("the store is not tidied now: {}", e.getMessage());
                } catch (CorruptRecordException e) {
                    doubt.run();
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// Compacts when more than half of the store is refuse, and more came since the last time.
    ///
    /// @return whether it did
    boolean tidy() {
        Tally live = tally.get();
        long size = store.size();
        boolean worth =
                size > SLACK + 2 * (live.octets() + live.jobs() * OCTETS_PER_JOB)
                        && size > sizeAfterLast + SLACK / 2;
        if (worth) {
            store.compact();
            sizeAfterLast = store.size();
        }
        return worth;
    }

    @Override
    public void close() {
        closing.countDown();
        try {
            thread.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
