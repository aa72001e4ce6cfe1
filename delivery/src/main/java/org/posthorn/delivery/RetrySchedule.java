package org.posthorn.delivery;

import org.posthorn.api.delivery.Outcome;
import org.posthorn.queue.QueueConfig;
import org.posthorn.queue.RetryRule;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// When to try again: soon at first, later less and less often, by a pace that may depend on what
/// failed. Give or take a tenth, so that what failed together does not come back together.
/// Immutable.
public final class RetrySchedule {
    private static final double JITTER = 0.1;

    private final Pace usual;
    private final List<RetryRule> rules;
    private final List<PacedFailure> failures;
    private final Duration warnAfter;
    private final Duration giveUpAfter;

    private RetrySchedule(
            Pace usual, List<RetryRule> rules, Duration warnAfter, Duration giveUpAfter) {
        this.usual = usual;
        this.rules = rules;
        this.failures = rules.stream().map(rule -> PacedFailure.of(rule, usual)).toList();
        this.warnAfter = warnAfter;
        this.giveUpAfter = giveUpAfter;
    }

    /// Takes the schedule from the `queue` block.
    public static RetrySchedule of(QueueConfig config) {
        return new RetrySchedule(
                new Pace(config.firstRetry(), config.longestRetry(), config.retryGrowth()),
                config.retries(),
                config.delayWarning(),
                config.lifetime());
    }

    /// Makes a schedule that is the same for all failures.
    ///
    /// @param pace how long to wait
    /// @param warnAfter how old a message gets before its sender is told of the delay
    /// @param giveUpAfter how old a message may get
    static RetrySchedule of(Pace pace, Duration warnAfter, Duration giveUpAfter) {
        return new RetrySchedule(pace, List.of(), warnAfter, giveUpAfter);
    }

    /// Returns the schedule of a route: this one, but for what the route says.
    RetrySchedule with(RetryConfig route) {
        return new RetrySchedule(
                usual.with(route.firstRetry(), route.longestRetry(), route.retryGrowth()),
                route.retries().orElse(rules),
                route.delayWarning().orElse(warnAfter),
                route.lifetime().orElse(giveUpAfter));
    }

    /// Returns when to try again: where recipients failed in several ways, at the earliest of
    /// their times. Empty once the message is too old to be worth another try; the last try is at
    /// the end of its lifetime.
    ///
    /// @param start when we took responsibility, or began to try
    /// @param now when the last attempt ended
    /// @param results what it came to
    /// @param random for the jitter
    Optional<Instant> next(
            Instant start, Instant now, List<Result> results, RandomGenerator random) {
        Instant last = start.plus(giveUpAfter);
        if (!now.isBefore(last)) {
            return Optional.empty();
        }
        Duration age = Duration.between(start, now);
        Duration wait =
                results.stream()
                        .filter(it -> it.outcome() instanceof Outcome.Deferred)
                        .map(it -> pace(it).wait(age))
                        .min(Duration::compareTo)
                        .orElse(usual.wait(age));
        double jitter = random.nextDouble(1 - JITTER, 1 + JITTER);
        Instant next = now.plusMillis((long) (wait.toMillis() * jitter));
        return Optional.of(next.isBefore(last) ? next : last);
    }

    private Pace pace(Result result) {
        return failures.stream()
                .filter(it -> it.fits(result))
                .findFirst()
                .map(PacedFailure::pace)
                .orElse(usual);
    }

    /// How old a message gets before its sender is told of the delay.
    Duration warnAfter() {
        return warnAfter;
    }

    /// How old a message may get.
    Duration giveUpAfter() {
        return giveUpAfter;
    }
}
