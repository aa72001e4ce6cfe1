package org.posthorn.delivery;

import org.posthorn.api.delivery.Outcome;
import org.posthorn.api.delivery.ReplyClass;
import org.posthorn.api.smtp.Reply;

import java.util.Collections;
import java.util.List;
import java.util.Optional;

/// What an attempt came to for one recipient, and who decided. Immutable.
///
/// @param outcome what became of it
/// @param by who decided
/// @param reach how far it has got, where it was delivered
record Result(Outcome outcome, By by, Reach reach) {

    /// Makes one of a recipient that nobody has taken.
    Result(Outcome outcome, By by) {
        this(outcome, by, Reach.NOWHERE);
    }

    /// Who decided.
    ///
    /// @param transport such as `smtp`
    /// @param remote the host or place, as an operator knows it
    /// @param mta the remote's name, where the reply is its own
    record By(String transport, String remote, Optional<String> mta) {}

    /// A decision that was made here.
    static Result of(Reply reply, String transport, String remote) {
        return new Result(outcome(reply), new By(transport, remote, Optional.empty()));
    }

    /// Returns what its reply means.
    ReplyClass kind() {
        return ReplyTable.STANDARD.of(outcome.reply(), by.mta());
    }

    /// Returns this with how far it has got.
    Result reaching(Reach far) {
        return new Result(outcome, by, far);
    }

    /// The same for all recipients.
    List<Result> forAll(int recipients) {
        return Collections.nCopies(recipients, this);
    }

    /// Reads a reply as what it means for a recipient.
    static Outcome outcome(Reply reply) {
        return switch (reply.code() / 100) {
            case 2 -> new Outcome.Delivered(reply);
            case 4 -> new Outcome.Deferred(reply);
            case 5 -> new Outcome.Failed(reply);
            default -> throw new IllegalArgumentException("no verdict on a recipient: " + reply);
        };
    }
}
