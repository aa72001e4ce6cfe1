package org.posthorn.api.mail;

import java.util.ArrayList;
import java.util.List;

/// What SMTP knows of a message besides its content (RFC 5321 §2.3.1). Immutable; a transaction
/// grows by making new ones.
///
/// @param sender where bounces go
/// @param parameters what `MAIL` said besides
/// @param recipients who it is for, in the order given
public record Envelope(ReversePath sender, Parameters parameters, List<Recipient> recipients) {

    /// Copies the list.
    public Envelope {
        recipients = List.copyOf(recipients);
    }

    /// Begins an envelope: a sender, and nobody to send to yet.
    public static Envelope from(ReversePath sender, Parameters parameters) {
        return new Envelope(sender, parameters, List.of());
    }

    /// Returns this envelope with one more recipient.
    public Envelope to(Recipient recipient) {
        List<Recipient> more = new ArrayList<>(recipients);
        more.add(recipient);
        return new Envelope(sender, parameters, more);
    }

    /// Tells whether there is anybody to send to.
    public boolean hasRecipients() {
        return !recipients.isEmpty();
    }

    /// Tells whether any address needs SMTPUTF8 on the way, or the sender asked for it (RFC 6531).
    public boolean needsSmtpUtf8() {
        return parameters.smtpUtf8()
                || sender.mailbox().stream().anyMatch(Mailbox::needsSmtpUtf8)
                || recipients.stream().anyMatch(r -> r.mailbox().needsSmtpUtf8());
    }
}
