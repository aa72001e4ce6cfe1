package org.posthorn.delivery;

import org.posthorn.api.smtp.Reply;

/// A server is not what the route or the sender asks for; another may be.
final class UnfitHostException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Reply reply;

    UnfitHostException(Reply reply) {
        super(reply.toString());
        this.reply = reply;
    }

    Reply reply() {
        return reply;
    }
}
