package org.posthorn.delivery;

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
    /// What servers say: `421 4.7.0`, `450 4.7.1`, `451 4.7.500`, or in words. Greylisting has the
    /// same codes and is none: it wants the next attempt soon.
    private static final Pattern SLOWER =
            Pattern.compile(
                    "(?i)^(?!.*gr[ae]y.?list)(.*\\b4(21|50|51)[ -]4\\.7\\."
                            + "|.*\\brate.?(limit|control)|.*\\bthrottl"
                            + "|.*\\btoo (many|much|fast|quickly)\\b)");

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
            case CONNECTION -> network && matches(reply.toString());
            case REPLY -> !network && matches(reply.toString());
            case RATE_LIMIT -> isSlower(answered ? reply.toString() : reply.text());
        };
    }

    /// Tells whether a server asks for less by a reply.
    static boolean asksForLess(Reply reply) {
        return found(SLOWER, reply.toString());
    }

    private boolean matches(String reply) {
        return matching.isEmpty() || found(matching.get(), reply);
    }

    /// @param said what the server said: all of a reply, or what our own words quote of it
    private boolean isSlower(String said) {
        return found(matching.orElse(SLOWER), said);
    }

    private static boolean found(Pattern pattern, String reply) {
        try {
            return pattern.matcher(new Patience(reply)).find();
        } catch (Patience.LostException e) {
            return false;
        }
    }
}
