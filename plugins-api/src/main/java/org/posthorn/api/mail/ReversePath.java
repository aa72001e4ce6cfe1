package org.posthorn.api.mail;

import java.util.Optional;

/// Where bounces go: a mailbox, or nowhere (RFC 5321 §4.1.1.2). Immutable.
public sealed interface ReversePath {

    /// The null reverse-path of bounces and other automatic mail, for which no bounce is ever made
    /// (RFC 5321 §4.5.5).
    ReversePath NULL = new Null();

    /// Makes the path of a mailbox.
    static ReversePath of(Mailbox mailbox) {
        return new From(mailbox);
    }

    /// Returns the mailbox, or nothing for the null path.
    default Optional<Mailbox> mailbox() {
        return switch (this) {
            case Null _ -> Optional.empty();
            case From(Mailbox mailbox) -> Optional.of(mailbox);
        };
    }

    /// The null path, `<>`.
    record Null() implements ReversePath {
        @Override
        public String toString() {
            return "<>";
        }
    }

    /// A path to a mailbox.
    ///
    /// @param address the mailbox
    record From(Mailbox address) implements ReversePath {
        @Override
        public String toString() {
            return "<" + address + ">";
        }
    }
}
