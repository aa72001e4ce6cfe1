package org.posthorn.api.auth;

import org.posthorn.api.mail.Mailbox;

import java.util.List;

/// Who a client has shown to be. Immutable.
///
/// @param name the account's name
/// @param senders the addresses that it may send as
public record Identity(String name, List<SenderPattern> senders) {

    /// Copies the list.
    public Identity {
        senders = List.copyOf(senders);
    }

    /// Tells whether it may send mail as a mailbox.
    public boolean maySendAs(Mailbox mailbox) {
        return senders.stream().anyMatch(pattern -> pattern.matches(mailbox));
    }
}
