package org.posthorn.queue.rocks;

import java.time.Duration;

/// How long a thread has waited for the disk. Safe for use by many threads, one of which begins and
/// ends.
final class Pending {
    private volatile long since = System.nanoTime();
    private volatile long last;
    private volatile boolean running;

    void begin() {
        since = System.nanoTime();
        running = true;
    }

    void end() {
        if (running) {
            last = System.nanoTime() - since;
            running = false;
        }
    }

    /// Returns how long it has waited so far; zero when it does not.
    Duration running() {
        return running ? Duration.ofNanos(System.nanoTime() - since) : Duration.ZERO;
    }

    /// Returns how long it has waited so far, or the last time when it does not.
    Duration time() {
        return running ? running() : Duration.ofNanos(last);
    }
}
