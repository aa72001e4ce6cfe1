package org.posthorn.queue;

import org.posthorn.api.config.ByteSize;
import org.posthorn.api.config.Default;
import org.posthorn.api.config.Help;

import java.time.Duration;

/// The `queue` block of `posthorn.conf`: how long mail is kept, how often it is tried, how much of
/// it is handled at once. Immutable.
///
/// The store itself stands in the directory `queue` of `data-directory`.
///
/// @param lifetime how long delivery of a message is tried
/// @param delayWarning after what time the sender is told
/// @param firstRetry the shortest time between two attempts
/// @param longestRetry the longest time between two attempts
/// @param minFreeSpace the space that the store leaves free
/// @param activeLimit how many jobs are handed out at once
/// @param lanes how many jobs are handed out at once for one destination
public record QueueConfig(
        @Help("How long delivery is tried before a message is returned to its sender.")
                @Default("5d")
                Duration lifetime,
        @Help(
                        "After what time without success the sender is told of the delay, once, unless it does not want to be (RFC 3461).")
                @Default("4h")
                Duration delayWarning,
        @Help(
                        "Time before the second attempt; later ones wait as long again as the message has waited already.")
                @Default("5m")
                Duration firstRetry,
        @Help("The longest time between two attempts.") @Default("4h") Duration longestRetry,
        @Help(
                        "Space left free on the store's file system: below it, senders are asked to try again later (452 4.3.1).")
                @Default("1GiB")
                ByteSize minFreeSpace,
        @Help("Jobs with a delivery in progress. Bounds memory, not the queue.") @Default("20000")
                int activeLimit,
        @Help("Jobs with a delivery in progress for one destination.") @Default("20") int lanes) {

    /// Checks that the settings make sense, each by itself and together.
    ///
    /// @throws IllegalArgumentException naming the setting, what was expected and what was found
    public QueueConfig {
        positive("lifetime", lifetime);
        positive("delay-warning", delayWarning);
        positive("first-retry", firstRetry);
        if (longestRetry.compareTo(firstRetry) < 0) {
            throw new IllegalArgumentException(
                    "longest-retry must be at least first-retry: "
                            + longestRetry
                            + " is less than "
                            + firstRetry);
        }
        atLeastOne("active-limit", activeLimit);
        atLeastOne("lanes", lanes);
    }

    private static void positive(String setting, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(setting + " must be longer than nothing: " + value);
        }
    }

    private static void atLeastOne(String setting, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(setting + " must be at least 1: " + value);
        }
    }
}
