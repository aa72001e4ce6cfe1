package org.posthorn.queue;

import java.util.concurrent.atomic.AtomicLong;

/// The memory that all drafts share. Who gets none of it writes to the store sooner. Safe for use
/// by many threads.
final class DraftMemory {
    private final long bound;
    private final AtomicLong used = new AtomicLong();

    DraftMemory(long bound) {
        this.bound = bound;
    }

    /// Takes octets, if that many are left.
    boolean take(long octets) {
        if (used.addAndGet(octets) <= bound) {
            return true;
        }
        used.addAndGet(-octets);
        return false;
    }

    void giveBack(long octets) {
        used.addAndGet(-octets);
    }

    long used() {
        return used.get();
    }
}
