package org.posthorn.delivery;

import java.time.Instant;

/// When something that has a [Rate] may happen next. For one thread.
final class Spacing {
    private Instant next = Instant.MIN;

    /// Returns when it may happen at the earliest: now, or later.
    Instant earliest(Instant now) {
        return now.isBefore(next) ? next : now;
    }

    /// It happens, which must be allowed.
    void take(Rate rate, Instant now) {
        next = now.plus(rate.spacing());
    }

    /// Tells whether nothing is remembered that matters.
    boolean isIdle(Instant now) {
        return !now.isBefore(next);
    }
}
