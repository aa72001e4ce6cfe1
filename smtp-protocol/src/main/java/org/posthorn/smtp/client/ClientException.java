package org.posthorn.smtp.client;

import org.jspecify.annotations.Nullable;
import org.posthorn.api.smtp.Reply;

import java.io.IOException;

/// A session that cannot go on, and at which step: no connection, silence, a refusal to talk, a
/// broken protocol, failed TLS. Whatever the server had answered before still holds.
public final class ClientException extends IOException {
    private static final long serialVersionUID = 1L;

    /// How far a session had got.
    public enum Step {
        /// Connecting.
        CONNECT("connecting"),
        /// Waiting for the greeting.
        GREETING("greeting"),
        /// `EHLO`, `LHLO` or `HELO`.
        HELLO("hello"),
        /// `STARTTLS` and the handshake.
        TLS("STARTTLS"),
        /// `AUTH`.
        AUTH("AUTH"),
        /// `XFORWARD`.
        FORWARD("XFORWARD"),
        /// `MAIL`.
        MAIL("MAIL"),
        /// `RCPT`.
        RCPT("RCPT"),
        /// `DATA`.
        DATA("DATA"),
        /// Sending the content: the server cannot have taken the message.
        CONTENT("sending the content"),
        /// Waiting for the answer to the whole content: the server may have taken the message.
        END("end of content"),
        /// `RSET`.
        RSET("RSET");

        private final String words;

        Step(String words) {
            this.words = words;
        }

        @Override
        public String toString() {
            return words;
        }
    }

    private final Step step;
    private final transient Reply reply;

    ClientException(Step step, Reply reply, @Nullable Throwable cause) {
        super(step + ": " + reply, cause);
        this.step = step;
        this.reply = reply;
    }

    /// Returns how far the session had got.
    public Step step() {
        return step;
    }

    /// Returns what it comes to for a recipient that nothing else was said about: a 4xx, or a 5xx
    /// where the message itself cannot be sent. In our words; the server's are quoted in it.
    public Reply reply() {
        return reply;
    }
}
