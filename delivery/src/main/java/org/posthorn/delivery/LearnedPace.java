package org.posthorn.delivery;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// How many messages a site takes in a time, once it has said that they were too many. For one
/// thread.
///
/// What it takes is what it took, from one refusal to the end of the next: so it does not matter
/// how the site counts. Then the pace grows in steps, small ones next to what was refused, and
/// larger ones the longer that goes well.
final class LearnedPace {
    private static final double NONE = Double.POSITIVE_INFINITY;
    private static final double SLOWEST = 1 / 60.0;
    private static final double BELOW = 0.97;
    private static final double SMALLEST_STEP = 0.02;
    private static final double LARGEST_STEP = 0.5;
    private static final int STEP_AFTER = 200;
    private static final Duration STEP_TIME = Duration.ofMinutes(5);
    private static final int FEWEST = 10;
    private static final Duration IDLE = Duration.ofSeconds(5);

    private double perSecond = NONE;
    private double step = SMALLEST_STEP;
    private int well;
    private Instant next = Instant.MIN;
    private Instant began = Instant.MIN;
    private Instant last = Instant.MIN;
    private long taken;
    private Instant stepped = Instant.MIN;
    private boolean resting;

    /// Tells whether a message may begin.
    Optional<NotYet> ask(Instant now) {
        return now.isBefore(next)
                ? Optional.of(
                        new NotYet(
                                "the server takes about %.1f messages a second"
                                        .formatted(perSecond),
                                next))
                : Optional.empty();
    }

    /// A message begins. A time in which there was nothing to send says nothing of the site.
    void started(Instant now) {
        if (!resting && last.isBefore(now.minus(IDLE))) {
            began = now;
            taken = 0;
        }
        last = now;
        if (perSecond < NONE) {
            Duration gap = Duration.ofNanos((long) (1e9 / perSecond));
            next = later(next, now.minus(gap)).plus(gap);
        }
    }

    private static Instant later(Instant one, Instant other) {
        return one.isBefore(other) ? other : one;
    }

    /// A message was taken.
    void succeeded(Instant now) {
        last = now;
        taken++;
        if (perSecond < NONE && (++well >= STEP_AFTER || !now.isBefore(stepped.plus(STEP_TIME)))) {
            perSecond *= 1 + step;
            step = Math.min(2 * step, LARGEST_STEP);
            well = 0;
            stepped = now;
        }
    }

    /// The site takes messages again after it had enough. In the time after the rest there may have
    /// been nothing to send, and what a few messages would tell is chance: they count together with
    /// those up to the next refusal, if mail goes on.
    ///
    /// @param rested when the site was to be tried again
    void recovered(Instant rested, Instant now) {
        Instant end = rested.isBefore(now) ? rested : now;
        boolean few = taken <= FEWEST;
        double measured = few ? perSecond : BELOW * (taken - 1) / seconds(began, end);
        perSecond = Math.max(SLOWEST, Math.min(measured, BELOW * perSecond));
        step = SMALLEST_STEP;
        well = 0;
        stepped = now;
        resting = false;
        if (!few || end.isBefore(now.minus(IDLE))) {
            taken = 0;
            began = now;
        }
    }

    private static double seconds(Instant from, Instant to) {
        return Math.max(1e-3, Duration.between(from, to).toNanos() / 1e9);
    }

    /// The site has enough for now: the pause until it has recovered is part of how it counts.
    void refused() {
        resting = true;
    }
}
