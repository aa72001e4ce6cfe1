package org.posthorn.smtp.client;

import org.posthorn.api.smtp.Reply;

/// The server said something that no command had asked for, or `421`, before it closes.
final class UnexpectedReplyException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Reply reply;

    UnexpectedReplyException(Reply reply) {
        super(reply.toString());
        this.reply = reply;
    }

    Reply reply() {
        return reply;
    }
}
