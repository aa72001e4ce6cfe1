package org.posthorn.delivery;

import org.posthorn.api.delivery.ReplyClass;
import org.posthorn.delivery.ReplyRuleConfig.Action;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/// A [ReplyRuleConfig], ready for use. Immutable.
record ReplyRule(
        Optional<ReplyClass> on,
        Optional<Pattern> matching,
        Action then,
        Duration lasts,
        Optional<Integer> connections,
        Optional<Rate> messageRate) {

    static ReplyRule of(ReplyRuleConfig config) {
        return new ReplyRule(
                config.on(),
                config.pattern(),
                config.then(),
                config.lasts(),
                config.connections(),
                config.messageRate().map(it -> Rate.parse("message-rate", it)));
    }

    boolean fits(Result result) {
        return (on.isEmpty() || on.get() == result.kind())
                && (matching.isEmpty()
                        || Patience.finds(matching.get(), result.outcome().reply().toString()));
    }
}
