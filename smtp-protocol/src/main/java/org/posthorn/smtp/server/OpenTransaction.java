package org.posthorn.smtp.server;

import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.Recipient;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A transaction as far as it has got. Immutable: each command makes the next one.
///
/// @param envelope from whom and for whom, as plugins have edited it
/// @param declaredSize what `SIZE` said, or 0
/// @param perRecipient whether the client asked by PRDR for a reply for each recipient
/// @param promised the recipients that the client was promised, in that order
/// @param edits what plugins change besides
/// @param fate what becomes of it instead of delivery
record OpenTransaction(
        Envelope envelope,
        long declaredSize,
        boolean perRecipient,
        List<Recipient> promised,
        Edits edits,
        Fate fate) {

    /// Begins a transaction.
    static OpenTransaction begin(Envelope envelope, long declaredSize, boolean perRecipient) {
        return new OpenTransaction(
                envelope, declaredSize, perRecipient, List.of(), Edits.NONE, Fate.DELIVERY);
    }

    /// Returns how many recipients the client was promised.
    int accepted() {
        return promised.size();
    }

    /// Returns the one recipient that it was promised, while there is but one.
    Optional<Mailbox> only() {
        return promised.size() == 1 ? Optional.of(promised.getFirst().mailbox()) : Optional.empty();
    }

    /// Returns this transaction with one more recipient. As long as no plugin edits the recipients,
    /// they are the promised ones, and one list does for both.
    OpenTransaction to(Recipient recipient) {
        Envelope next = envelope.to(recipient);
        List<Recipient> all =
                promised.size() == envelope.recipients().size()
                                && promised.equals(envelope.recipients())
                        ? next.recipients()
                        : plus(promised, recipient);
        return new OpenTransaction(next, declaredSize, perRecipient, all, edits, fate);
    }

    private static List<Recipient> plus(List<Recipient> some, Recipient one) {
        List<Recipient> more = new ArrayList<>(some);
        more.add(one);
        return List.copyOf(more);
    }

    /// Returns this transaction without some recipients.
    OpenTransaction without(Set<Mailbox> some) {
        return with(
                new Envelope(
                        envelope.sender(),
                        envelope.parameters(),
                        envelope.recipients().stream()
                                .filter(it -> !some.contains(it.mailbox()))
                                .toList()));
    }

    OpenTransaction with(Envelope other) {
        return new OpenTransaction(other, declaredSize, perRecipient, promised, edits, fate);
    }

    OpenTransaction with(Edits more) {
        return new OpenTransaction(envelope, declaredSize, perRecipient, promised, more, fate);
    }

    OpenTransaction with(Fate other) {
        return new OpenTransaction(envelope, declaredSize, perRecipient, promised, edits, other);
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
