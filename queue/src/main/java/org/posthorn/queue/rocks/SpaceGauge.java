package org.posthorn.queue.rocks;

import org.posthorn.api.intake.QueueUnavailableException;

import java.util.Optional;
import java.util.function.LongSupplier;

/// Keeps part of the file system free. Safe for use by many threads.
final class SpaceGauge {
    private final long minFree;
    private final LongSupplier usable;
    private final String place;

    /// Makes a gauge.
    ///
    /// @param minFree the octets to keep free
    /// @param usable asks how many are free
    /// @param place where, as an operator reads it
    SpaceGauge(long minFree, LongSupplier usable, String place) {
        this.minFree = minFree;
        this.usable = usable;
        this.place = place;
    }

    /// Checks that so many octets fit.
    ///
    /// @throws QueueUnavailableException when they do not
    void admit(long size) throws QueueUnavailableException {
        Optional<String> lack = lack(size);
        if (lack.isPresent()) {
            throw new QueueUnavailableException(true, lack.get());
        }
    }

    /// Returns why no mail fits, if none does.
    Optional<String> lack() {
        return lack(0);
    }

    private Optional<String> lack(long size) {
        long free = usable.getAsLong();
        return free - minFree >= size
                ? Optional.empty()
                : Optional.of(
                        "no space for mail in "
                                + place
                                + ": "
                                + free
                                + " octets are free, and min-free-space keeps "
                                + minFree
                                + ": make room, or lower min-free-space");
    }

    long free() {
        return usable.getAsLong();
    }

    /// Tells whether the store has room to work at all.
    boolean isFull() {
        return usable.getAsLong() < Math.min(minFree, 8L << 20);
    }
}
