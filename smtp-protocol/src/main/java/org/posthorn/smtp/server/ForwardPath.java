package org.posthorn.smtp.server;

import org.posthorn.api.mail.Mailbox;

/// Whom `RCPT` names (RFC 5321 §4.1.1.3).
sealed interface ForwardPath {

    /// A mailbox; a source route in front of it has been dropped (RFC 5321 §4.1.1.3, appendix C).
    record To(Mailbox mailbox) implements ForwardPath {
        @Override
        public String toString() {
            return "<" + mailbox + ">";
        }
    }

    /// `<Postmaster>`, of this very server.
    record Postmaster() implements ForwardPath {
        @Override
        public String toString() {
            return "<postmaster>";
        }
    }
}
