package org.posthorn.delivery;

import org.posthorn.queue.QueueConfig;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// When to try again. A message waits as long again as it has already waited, within bounds, give
/// or take a tenth, so that what failed together does not come back together. Immutable.
///
/// @param shortest the shortest wait
/// @param longest the longest wait
/// @param warnAfter how old a message gets before its sender is told of the delay
/// @param giveUpAfter how old a message may get
public record RetrySchedule(
        Duration shortest, Duration longest, Duration warnAfter, Duration giveUpAfter) {
    private static final double JITTER = 0.1;

    /// Takes the schedule from the `queue` block.
    public static RetrySchedule of(QueueConfig config) {
        return new RetrySchedule(
                config.firstRetry(),
                config.longestRetry(),
                config.delayWarning(),
                config.lifetime());
    }

    /// Returns when to try again. Empty once the message is too old to be worth another try; the
    /// last try is at the end of its lifetime.
    ///
    /// @param acceptedAt when we took responsibility, or began to try
    /// @param now when the last attempt ended
    /// @param random for the jitter
    public Optional<Instant> next(Instant acceptedAt, Instant now, RandomGenerator random) {
        Duration age = Duration.between(acceptedAt, now);
        if (age.compareTo(giveUpAfter) >= 0) {
            return Optional.empty();
        }
        double jitter = random.nextDouble(1 - JITTER, 1 + JITTER);
        Instant next = now.plusMillis((long) (within(age).toMillis() * jitter));
        Instant last = acceptedAt.plus(giveUpAfter);
        return Optional.of(next.isBefore(last) ? next : last);
    }

    private Duration within(Duration age) {
        if (age.compareTo(shortest) < 0) {
            return shortest;
        }
        return age.compareTo(longest) > 0 ? longest : age;
    }
}
