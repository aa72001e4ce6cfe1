package org.posthorn.delivery;

import org.posthorn.api.delivery.ReplyClass;
import org.posthorn.api.smtp.Reply;

import java.util.Optional;

/// What replies mean. Stateless, safe for use by many threads.
public final class ReplyClasses {
    private ReplyClasses() {}

    /// Finds what a reply means that is known without its server. What providers mean by codes of
    /// their own is known with it only, and stands in the mail log.
    public static ReplyClass of(Reply reply) {
        return ReplyTable.STANDARD.of(reply, Optional.of(""));
    }
}
