package org.posthorn.api.auth;

import org.posthorn.api.mail.Domain;
import org.posthorn.api.mail.Mailbox;

/// Addresses that an account may send as: one, all of a domain, or any. Immutable.
public sealed interface SenderPattern {

    /// Reads `mona@example.org`, `*@example.org`, or `*`.
    ///
    /// @throws org.posthorn.api.mail.MailSyntaxException when it is none of these
    static SenderPattern parse(String text) {
        if (text.equals("*")) {
            return new Any();
        }
        return text.startsWith("*@")
                ? new OfDomain(Domain.parse(text.substring(2)))
                : new Exactly(Mailbox.parse(text));
    }

    /// Tells whether a mailbox is meant. The case of local parts does not count.
    boolean matches(Mailbox mailbox);

    /// Returns the form that [#parse] reads.
    @Override
    String toString();

    /// One mailbox.
    record Exactly(Mailbox mailbox) implements SenderPattern {
        @Override
        public boolean matches(Mailbox other) {
            return mailbox.localPart().equalsIgnoreCase(other.localPart())
                    && mailbox.domain().ascii().equalsIgnoreCase(other.domain().ascii());
        }

        @Override
        public String toString() {
            return mailbox.toString();
        }
    }

    /// All mailboxes of a domain.
    record OfDomain(Domain domain) implements SenderPattern {
        @Override
        public boolean matches(Mailbox other) {
            return domain.ascii().equalsIgnoreCase(other.domain().ascii());
        }

        @Override
        public String toString() {
            return "*@" + domain;
        }
    }

    /// Any mailbox at all.
    record Any() implements SenderPattern {
        @Override
        public boolean matches(Mailbox other) {
            return true;
        }

        @Override
        public String toString() {
            return "*";
        }
    }
}
