package org.posthorn.delivery;

import org.posthorn.api.mail.Recipient;
import org.posthorn.api.smtp.Reply;

/// A recipient that was given up, as a bounce reports it. Immutable.
///
/// @param recipient who
/// @param reply why, a 5xx
/// @param last what was said at last: the same, or the 4xx that outlasted the message's lifetime
/// @param by who said so
record Failure(Recipient recipient, Reply reply, Reply last, Result.By by) {}
