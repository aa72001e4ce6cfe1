package org.posthorn.smtp.client;

import org.posthorn.api.smtp.Reply;

/// What a transaction came to for one recipient. Immutable.
public sealed interface Answer {

    /// The server said so: 2xx and it is responsible now, 4xx, or 5xx.
    ///
    /// @param reply its words
    record Said(Reply reply) implements Answer {}

    /// The server was not asked: it lacks what the message needs, such as SMTPUTF8.
    ///
    /// @param reply what it lacks, in our words: a 5xx
    record Unfit(Reply reply) implements Answer {}

    /// The session broke before the server had said anything final.
    record Nothing() implements Answer {}
}
