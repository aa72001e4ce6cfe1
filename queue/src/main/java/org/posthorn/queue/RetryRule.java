package org.posthorn.queue;

import org.posthorn.api.config.Help;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// One entry of `retries`: other times for some failures. What it does not say is as for all
/// others. Immutable.
///
/// @param on what kind of failure it is for
/// @param matching a regular expression, to be found in code, enhanced status and text
/// @param firstRetry the shortest time between two attempts
/// @param longestRetry the longest time between two attempts
/// @param retryGrowth how fast the times grow
public record RetryRule(
        @Help(
                        "connection: no answer from a server or from the DNS; reply: any other answer 4xx; or what the answer means, as it stands in the log (class): rate-limit, greylisted, mailbox-full and others.")
                Failure on,
        @Help(
                        "Only where this regular expression is found in the reply, such as 450 4.2.0 Greylisted; for rate-limit, instead of what is known of such replies.")
                Optional<String> matching,
        @Help("Instead of first-retry.") Optional<Duration> firstRetry,
        @Help("Instead of longest-retry.") Optional<Duration> longestRetry,
        @Help("Instead of retry-growth.") Optional<Double> retryGrowth) {

    /// Why an attempt has to be repeated. Those that have names of
    /// [classes of replies][org.posthorn.api.delivery.ReplyClass] mean these.
    public enum Failure {
        /// Nobody answered: no connection, a connection that broke, a timeout, no answer of the
        /// DNS.
        CONNECTION,
        /// The server says that it gets too much from us.
        RATE_LIMIT,
        /// Any other reply 4xx.
        REPLY,
        UNKNOWN_USER,
        DISABLED_USER,
        MAILBOX_FULL,
        UNKNOWN_DOMAIN,
        SIZE,
        CONTENT,
        SENDER_AUTHENTICATION,
        REPUTATION,
        POLICY,
        GREYLISTED,
        BUSY,
        PROTOCOL,
        DNS,
        TLS,
        LOGIN,
        ROUTING,
        LOCAL,
        OTHER
    }

    /// Checks that the settings make sense, each by itself and together.
    ///
    /// @throws IllegalArgumentException naming the setting, what was expected and what was found
    public RetryRule {
        matching.ifPresent(RetryRule::expression);
        firstRetry.ifPresent(it -> QueueConfig.positive("first-retry", it));
        longestRetry.ifPresent(it -> QueueConfig.positive("longest-retry", it));
        retryGrowth.ifPresent(it -> QueueConfig.growing("retry-growth", it));
        QueueConfig.ordered(firstRetry, longestRetry);
    }

    /// Returns the expression, ready for use.
    public Optional<Pattern> pattern() {
        return matching.map(RetryRule::expression);
    }

    /// Reads a regular expression, for whoever has settings of the same kind.
    ///
    /// @throws IllegalArgumentException saying what is wrong with it, and where
    public static Pattern expression(String expression) {
        try {
            return Pattern.compile(expression, Pattern.CASE_INSENSITIVE);
        } catch (PatternSyntaxException e) {
            String where = e.getIndex() < 0 ? "" : " at character " + (e.getIndex() + 1);
            throw new IllegalArgumentException(
                    "matching: '%s' is not a regular expression: %s%s"
                            .formatted(expression, e.getDescription(), where),
                    e);
        }
    }
}
