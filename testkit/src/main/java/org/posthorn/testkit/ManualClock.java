package org.posthorn.testkit;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;

/// A clock that stands still until it is told to go on. Safe for use by many threads.
public final class ManualClock implements InstantSource {
    private final AtomicReference<Instant> now;

    /// Makes a clock.
    ///
    /// @param start what it shows
    public ManualClock(Instant start) {
        this.now = new AtomicReference<>(start);
    }

    /// Makes a clock that shows noon of 2026-01-01, UTC.
    public static ManualClock atNoon() {
        return new ManualClock(Instant.parse("2026-01-01T12:00:00Z"));
    }

    @Override
    public Instant instant() {
        return now.get();
    }

    /// Goes on by some time.
    public void advance(Duration time) {
        now.updateAndGet(instant -> instant.plus(time));
    }
}
