package org.posthorn.delivery;

import org.posthorn.api.config.Help;
import org.posthorn.queue.QueueConfig;
import org.posthorn.queue.RetryRule;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The `retry` block of a route: what is other there than in the `queue` block, by the same names.
/// Immutable.
///
/// @param lifetime how long delivery of a message is tried
/// @param delayWarning after what time the sender is told
/// @param firstRetry the shortest time between two attempts
/// @param longestRetry the longest time between two attempts
/// @param retryGrowth how fast the times grow
/// @param retries other times for some failures; those of the `queue` block do not count then
public record RetryConfig(
        @Help("Instead of queue.lifetime.") Optional<Duration> lifetime,
        @Help("Instead of queue.delay-warning.") Optional<Duration> delayWarning,
        @Help("Instead of queue.first-retry.") Optional<Duration> firstRetry,
        @Help("Instead of queue.longest-retry.") Optional<Duration> longestRetry,
        @Help("Instead of queue.retry-growth.") Optional<Double> retryGrowth,
        @Help("Instead of queue.retries.") Optional<List<RetryRule>> retries) {

    /// Nothing is other.
    public static final RetryConfig SAME =
            new RetryConfig(
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());

    /// Checks that the settings make sense, each by itself and together.
    ///
    /// @throws IllegalArgumentException naming the setting, what was expected and what was found
    public RetryConfig {
        retries = retries.map(List::copyOf);
        lifetime.ifPresent(it -> QueueConfig.positive("lifetime", it));
        delayWarning.ifPresent(it -> QueueConfig.positive("delay-warning", it));
        firstRetry.ifPresent(it -> QueueConfig.positive("first-retry", it));
        longestRetry.ifPresent(it -> QueueConfig.positive("longest-retry", it));
        retryGrowth.ifPresent(it -> QueueConfig.growing("retry-growth", it));
        QueueConfig.ordered(firstRetry, longestRetry);
    }
}
