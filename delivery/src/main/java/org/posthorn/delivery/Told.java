package org.posthorn.delivery;

import org.posthorn.api.mail.Recipient;
import org.posthorn.api.smtp.Reply;

/// What a report tells of one recipient. Immutable.
///
/// @param recipient who
/// @param action what became of it
/// @param reply what that means, as its status says
/// @param last what was said at last: the same, or the 4xx that outlasted the message's lifetime
/// @param by who said so
record Told(Recipient recipient, Action action, Reply reply, Reply last, Result.By by) {

    /// What became of a recipient (RFC 3464 §2.3.3).
    enum Action {
        FAILED("failed"),
        DELAYED("delayed"),
        DELIVERED("delivered"),
        RELAYED("relayed");

        private final String word;

        Action(String word) {
            this.word = word;
        }

        @Override
        public String toString() {
            return word;
        }
    }
}
