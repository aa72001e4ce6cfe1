package org.posthorn.delivery;

import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;

/// How fast a site takes mail, and so, how much of it is worth waiting for in memory, and when the
/// rest should come back.
///
/// The speed is the number of sessions by the mean time of a visit; a site where nothing has come
/// to an end for longer than that is as slow as that says. It is not measured by what went through:
/// that would be little where little came back. Mail that is sent away gets one appointment after
/// the other, somewhat more of them than the site keeps, so that it never has nothing to do.
///
/// Not safe for use by many threads: the site's lock guards it.
final class Tempo {
    private static final double WEIGHT = 0.1;
    private static final double OVERBOOKED = 1.25;
    private static final int LEAST_WAITING = 100;
    private static final Duration SOONEST = Duration.ofMillis(200);
    private static final Duration LATEST = Duration.ofMinutes(10);

    private final SessionsConfig config;
    private final RandomGenerator random;
    private double visit = 0.01;
    private Instant progress = Instant.MIN;
    private Instant booked = Instant.MIN;

    Tempo(SessionsConfig config, RandomGenerator random) {
        this.config = config;
        this.random = random;
    }

    /// The site has something to do again.
    void begun(Instant now) {
        progress = now;
    }

    /// A visit came to an end.
    void ended(Duration took, Instant now) {
        visit += WEIGHT * (seconds(took) - visit);
        progress = now;
    }

    private static double seconds(Duration time) {
        return time.toNanos() / 1e9;
    }

    /// Returns how many visits come to an end in a second.
    double rate(int sessions, Instant now) {
        double stuck = progress.equals(Instant.MIN) ? 0 : seconds(Duration.between(progress, now));
        return sessions / Math.max(1e-6, Math.max(visit, stuck));
    }

    /// Returns how many may wait.
    int room(int sessions, Instant now) {
        double worth = rate(sessions, now) * seconds(config.patience());
        int least = Math.min(config.waiting(), Math.max(2 * sessions, LEAST_WAITING));
        return (int) Math.clamp(worth, least, config.waiting());
    }

    /// Returns how long the next will wait behind so many others.
    Duration wait(int others, int sessions, Instant now) {
        double seconds = (others + 1) / rate(sessions, now);
        return Duration.ofMillis((long) Math.min(seconds * 1000, (double) LATEST.toMillis()));
    }

    /// Returns when one should come back who finds no room.
    Instant appointment(int waiting, int sessions, Instant now) {
        int before = Math.min(waiting, room(sessions, now));
        Instant soonest = now.plus(SOONEST).plus(wait(before, sessions, now));
        Instant latest = now.plus(LATEST);
        if (booked.isBefore(soonest)) {
            booked = soonest;
        }
        if (booked.isAfter(latest)) {
            long part = random.nextLong(LATEST.toMillis() / 2);
            return latest.minusMillis(part);
        }
        Instant mine = booked;
        booked = booked.plusNanos((long) (1e9 / (rate(sessions, now) * OVERBOOKED)));
        return mine;
    }
}
