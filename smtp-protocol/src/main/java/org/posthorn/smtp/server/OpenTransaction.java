package org.posthorn.smtp.server;

import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.Recipient;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A transaction as far as it has got. Immutable: each command makes the next one.
///
/// @param envelope from whom and for whom, as plugins have edited it
/// @param declaredSize what `SIZE` said, or 0
/// @param accepted how many recipients the client was promised
/// @param only the one recipient that it was promised, while there is but one
/// @param edits what plugins change besides
/// @param fate what becomes of it instead of delivery
record OpenTransaction(
        Envelope envelope,
        long declaredSize,
        int accepted,
        Optional<Mailbox> only,
        Edits edits,
        Fate fate) {

    /// Begins a transaction.
    static OpenTransaction begin(Envelope envelope, long declaredSize) {
        return new OpenTransaction(
                envelope, declaredSize, 0, Optional.empty(), Edits.NONE, Fate.DELIVERY);
    }

    /// Returns this transaction with one more recipient.
    OpenTransaction to(Recipient recipient) {
        return new OpenTransaction(
                envelope.to(recipient),
                declaredSize,
                accepted + 1,
                accepted == 0 ? Optional.of(recipient.mailbox()) : Optional.empty(),
                edits,
                fate);
    }

    OpenTransaction with(Envelope other) {
        return new OpenTransaction(other, declaredSize, accepted, only, edits, fate);
    }

    OpenTransaction with(Edits more) {
        return new OpenTransaction(envelope, declaredSize, accepted, only, more, fate);
    }

    OpenTransaction with(Fate other) {
        return new OpenTransaction(envelope, declaredSize, accepted, only, edits, other);
    }

    /// Returns the envelope that the message is to have: whoever was named twice gets it once.
    Envelope finalEnvelope() {
        Map<Mailbox, Recipient> recipients = new LinkedHashMap<>();
        fate.redirect()
                .map(to -> List.of(Recipient.of(to)))
                .orElse(envelope.recipients())
                .forEach(it -> recipients.putIfAbsent(it.mailbox(), it));
        return new Envelope(
                envelope.sender(), envelope.parameters(), List.copyOf(recipients.values()));
    }
}
