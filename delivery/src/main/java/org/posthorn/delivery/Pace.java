package org.posthorn.delivery;

import java.time.Duration;
import java.util.Optional;

/// How long to wait between two attempts: until a message is older by a factor, within bounds.
/// Immutable.
///
/// @param first the shortest wait
/// @param longest the longest wait
/// @param growth the factor, above 1
record Pace(Duration first, Duration longest, double growth) {

    /// Returns how long to wait at some age.
    Duration wait(Duration age) {
        double grown = age.toMillis() * (growth - 1);
        return grown <= first.toMillis()
                ? first
                : grown >= longest.toMillis() ? longest : Duration.ofMillis((long) grown);
    }

    /// Returns this with what somebody says more precisely. A bound that was said makes room for
    /// itself.
    Pace with(Optional<Duration> shortest, Optional<Duration> most, Optional<Double> factor) {
        Duration lower = shortest.orElse(most.isPresent() ? min(first, most.get()) : first);
        Duration upper = most.orElse(longest.compareTo(lower) < 0 ? lower : longest);
        return new Pace(lower, upper, factor.orElse(growth));
    }

    private static Duration min(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
