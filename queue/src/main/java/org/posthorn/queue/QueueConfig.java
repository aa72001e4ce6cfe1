package org.posthorn.queue;

import org.posthorn.api.config.ByteSize;
import org.posthorn.api.config.Default;
import org.posthorn.api.config.Help;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The `queue` block of `posthorn.conf`: how long mail is kept, how often it is tried, how much of
/// it is handled at once. Immutable.
///
/// The store itself stands in the directory `queue` of `data-directory`.
///
/// @param lifetime how long delivery of a message is tried
/// @param delayWarning after what time the sender is told
/// @param firstRetry the shortest time between two attempts
/// @param longestRetry the longest time between two attempts
/// @param retryGrowth by which factor the time since the first attempt grows from attempt to
/// attempt
/// @param retries other times for some failures: the first that fits
/// @param minFreeSpace the space that the store leaves free
/// @param writeTimeout how long a write may take until senders are told to come again
/// @param activeLimit how many jobs are handed out at once
/// @param lanes how many jobs are handed out at once for one destination
/// @param senderShare how much of `active-limit` one sender, or one tenant, can have
/// @param undoWindow how long deleted and bounced mail is kept
/// @param undoSpace how much of it is kept
public record QueueConfig(
        @Help("How long delivery is tried before a message is returned to its sender.")
                @Default("5d")
                Duration lifetime,
        @Help(
                        "After what time without success the sender is told of the delay, once, unless it does not want to be (RFC 3461).")
                @Default("4h")
                Duration delayWarning,
        @Help(
                        "Time before the second attempt, and the shortest time between two. A tenth more or less, as are all of these times.")
                @Default("1m")
                Duration firstRetry,
        @Help("The longest time between two attempts.") @Default("4h") Duration longestRetry,
        @Help(
                        "Within these bounds, by which factor the age of a message grows until its next attempt: 2 lets it wait as long again as it has waited already.")
                @Default("2.0")
                double retryGrowth,
        @Help("Other times for some failures: the first entry that fits.") @Default("[]")
                List<RetryRule> retries,
        @Help(
                        "Space left free on the store's file system: below it, senders are asked to try again later (452 4.3.1).")
                @Default("1GiB")
                ByteSize minFreeSpace,
        @Help(
                        "How long the disk may take to write until all who wait for it are asked to try again later (451 4.3.0). Less than the 10 minutes that senders wait for a reply (RFC 5321 §4.5.3.2.6).")
                @Default("5m")
                Duration writeTimeout,
        @Help("Jobs with a delivery in progress. Bounds memory, not the queue.") @Default("20000")
                int activeLimit,
        @Help("Jobs with a delivery in progress for one destination.") @Default("20") int lanes,
        @Help(
                        "How much of active-limit one sender can have, in percent, or one tenant where a plugin says which one a message is of (metadata tenant).")
                @Default("25")
                int senderShare,
        @Help(
                        "How long deleted and bounced mail can be brought back (posthorn queue undo); 0s for not at all.")
                @Default("1h")
                Duration undoWindow,
        @Help("Space for mail that can be brought back; what was removed first goes first.")
                @Default("1GiB")
                ByteSize undoSpace) {
    private static final double MOST_GROWTH = 100;

    /// Checks that the settings make sense, each by itself and together.
    ///
    /// @throws IllegalArgumentException naming the setting, what was expected and what was found
    public QueueConfig {
        retries = List.copyOf(retries);
        positive("lifetime", lifetime);
        positive("delay-warning", delayWarning);
        positive("first-retry", firstRetry);
        ordered(Optional.of(firstRetry), Optional.of(longestRetry));
        growing("retry-growth", retryGrowth);
        if (undoWindow.isNegative()) {
            throw new IllegalArgumentException("undo-window must not be negative: " + undoWindow);
        }
        positive("write-timeout", writeTimeout);
        atLeastOne("active-limit", activeLimit);
        atLeastOne("lanes", lanes);
        if (senderShare < 1 || senderShare > 100) {
            throw new IllegalArgumentException(
                    "sender-share must be 1 to 100 percent: " + senderShare);
        }
    }

    /// Checks a duration, for whoever has settings of the same kind.
    ///
    /// @throws IllegalArgumentException when it is not longer than nothing
    public static void positive(String setting, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(setting + " must be longer than nothing: " + value);
        }
    }

    /// Checks a factor, for whoever has settings of the same kind.
    ///
    /// @throws IllegalArgumentException when it is not above 1, or beyond 100
    public static void growing(String setting, double value) {
        if (!(value > 1 && value <= MOST_GROWTH)) {
            throw new IllegalArgumentException(
                    setting + " must be more than 1, and at most 100: " + value);
        }
    }

    /// Checks the bounds of the times between attempts, for whoever has settings of the same kind.
    ///
    /// @throws IllegalArgumentException when the longest is shorter than the first
    public static void ordered(Optional<Duration> firstRetry, Optional<Duration> longestRetry) {
        if (firstRetry.isPresent()
                && longestRetry.filter(it -> it.compareTo(firstRetry.get()) < 0).isPresent()) {
            throw new IllegalArgumentException(
                    "longest-retry must be at least first-retry: "
                            + longestRetry.get()
                            + " is less than "
                            + firstRetry.get());
        }
    }

    private static void atLeastOne(String setting, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(setting + " must be at least 1: " + value);
        }
    }
}
