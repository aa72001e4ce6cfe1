package org.posthorn.api.delivery;

import org.posthorn.api.smtp.Reply;

/// What became of one recipient in one attempt. Immutable.
public sealed interface Outcome {

    /// What the remote said, or what we say in its place when it said nothing; its status goes into
    /// bounces (RFC 3464 §2.3.4).
    Reply reply();

    /// Somebody else is responsible now.
    ///
    /// @param reply a 2xx
    record Delivered(Reply reply) implements Outcome {}

    /// Not now; a later attempt may succeed.
    ///
    /// @param reply a 4xx
    record Deferred(Reply reply) implements Outcome {}

    /// Never.
    ///
    /// @param reply a 5xx
    record Failed(Reply reply) implements Outcome {}
}
