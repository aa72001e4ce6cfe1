package org.posthorn.delivery;

import org.posthorn.api.delivery.ReplyClass;
import org.posthorn.api.smtp.Reply;
import org.posthorn.queue.RetryRule;

import java.util.Optional;
import java.util.regex.Pattern;

/// A kind of failure with a pace of its own: a [RetryRule], ready for use. Immutable.
///
/// @param on what kind of failure
/// @param matching what must be found in its reply
/// @param pace how long to wait after it
record PacedFailure(RetryRule.Failure on, Optional<Pattern> matching, Pace pace) {
    /// The subject of statuses about the network (RFC 3463 §3.5).
    private static final int NETWORK = 4;

    static PacedFailure of(RetryRule rule, Pace usual) {
        Pace pace = usual.with(rule.firstRetry(), rule.longestRetry(), rule.retryGrowth());
        return new PacedFailure(rule.on(), rule.pattern(), pace);
    }

    boolean fits(Result result) {
        Reply reply = result.outcome().reply();
        boolean answered = result.by().mta().isPresent();
        boolean network =
                !answered && reply.status().filter(s -> s.subject() == NETWORK).isPresent();
        return switch (on) {
            case CONNECTION -> network && matches(reply);
            case REPLY -> !network && matches(reply);
            case RATE_LIMIT ->
                    matching.isPresent()
                            ? Patience.finds(matching.get(), said(reply, answered))
                            : result.kind() == ReplyClass.RATE_LIMIT;
            case UNKNOWN_USER,
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
                    OTHER ->
                    result.kind().name().equals(on.name()) && matches(reply);
        };
    }

    private boolean matches(Reply reply) {
        return matching.isEmpty() || Patience.finds(matching.get(), reply.toString());
    }

    /// What the server said: all of a reply, or what our own words quote of it.
    private static String said(Reply reply, boolean answered) {
        return answered ? reply.toString() : reply.text();
    }
}
