package org.posthorn.delivery;

import org.posthorn.api.config.Default;
import org.posthorn.api.config.Help;
import org.posthorn.api.delivery.ReplyClass;
import org.posthorn.queue.QueueConfig;
import org.posthorn.queue.RetryRule;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/// An entry of `replies`: what is done when a server says something. Immutable.
///
/// @param on what the reply means
/// @param matching a regular expression, to be found in code, enhanced status and text
/// @param then what is done
/// @param lasts for how long
/// @param connections connections at once, where it is slowed down
/// @param messageRate messages in a time, where it is slowed down
public record ReplyRuleConfig(
        @Help("Only where the reply means that: rate-limit, reputation and others.")
                Optional<ReplyClass> on,
        @Help(
                        "Only where this regular expression is found in the reply, such as 421 4.7.0 [TSS04] Messages temporarily deferred.")
                Optional<String> matching,
        @Help(
                        "suspend: nothing is sent for a time; slow-down: less is sent for a time; retry: the message is tried again after that time; bounce: it goes back to its sender.")
                Action then,
        @Help("For how long, or after what time.") @Default("1h") Duration lasts,
        @Help("With slow-down: connections open at once.") Optional<Integer> connections,
        @Help("With slow-down: messages sent in a time, such as 10/m.")
                Optional<String> messageRate) {

    /// What is done.
    public enum Action {
        /// Nothing is sent for a time to what the entry counts together.
        SUSPEND,
        /// Less is sent for a time to what the entry counts together.
        SLOW_DOWN,
        /// The message is tried again after a time.
        RETRY,
        /// The message is given up.
        BOUNCE
    }

    /// Checks that all can be understood, and goes together.
    ///
    /// @throws IllegalArgumentException naming the setting, what was expected and what was found
    public ReplyRuleConfig {
        matching.ifPresent(RetryRule::expression);
        if (on.isEmpty() && matching.isEmpty()) {
            throw new IllegalArgumentException("matching: name this or on, or both");
        }
        QueueConfig.positive("lasts", lasts);
        boolean less = connections.isPresent() || messageRate.isPresent();
        if ((then == Action.SLOW_DOWN) != less) {
            throw new IllegalArgumentException(
                    then == Action.SLOW_DOWN
                            ? "then: slow-down needs connections or message-rate"
                            : "then: connections and message-rate are for slow-down only");
        }
        if (connections.filter(it -> it < 1).isPresent()) {
            throw new IllegalArgumentException(
                    "connections must be at least 1, and is " + connections.get());
        }
        messageRate.ifPresent(it -> Rate.parse("message-rate", it));
    }

    /// Returns the expression, ready for use.
    Optional<Pattern> pattern() {
        return matching.map(RetryRule::expression);
    }
}
