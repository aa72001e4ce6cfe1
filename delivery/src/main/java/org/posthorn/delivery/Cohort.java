package org.posthorn.delivery;

import java.time.Duration;
import java.time.Instant;

/// The sessions that began since some moment, while equally many were allowed: how long they took,
/// and how many failed. For one thread.
final class Cohort {
    private final Instant began;
    private Instant last;
    private int sessions;
    private int failures;
    private double seconds;

    Cohort(Instant began) {
        this.began = began;
        this.last = began;
    }

    /// Counts a session that has ended, if it began in this cohort.
    ///
    /// @param took how long it lasted
    /// @param failed whether nobody answered
    void add(Duration took, boolean failed, Instant now) {
        if (now.minus(took).isBefore(began)) {
            return;
        }
        last = now;
        sessions++;
        failures += failed ? 1 : 0;
        seconds += took.toNanos() / 1e9;
    }

    int sessions() {
        return sessions;
    }

    /// Returns how long they took on average, in seconds.
    double mean() {
        return seconds / sessions;
    }

    /// Returns which share of them failed.
    double failing() {
        return (double) failures / sessions;
    }

    /// Tells whether more of them failed than chance explains, where usually such a share does:
    /// three standard deviations and two more.
    boolean failsMoreThan(double usually) {
        double expected = sessions * usually;
        return failures >= expected + 3 * Math.sqrt(expected * (1 - usually)) + 2;
    }

    /// Returns how many went well in a second.
    double rate() {
        return (sessions - failures)
                / Math.max(1e-6, Duration.between(began, last).toNanos() / 1e9);
    }

    Duration age(Instant now) {
        return Duration.between(began, now);
    }
}
