package org.posthorn.smtp.server;

import org.posthorn.api.mail.Mailbox;

import java.util.Optional;

/// What a plugin has decided to become of a message instead of its delivery. Immutable.
///
/// @param hold why it must wait for an operator
/// @param redirect who gets it instead of its recipients
/// @param discard who has it thrown away, and why
record Fate(Optional<String> hold, Optional<Mailbox> redirect, Optional<Discard> discard) {

    /// Delivery.
    static final Fate DELIVERY = new Fate(Optional.empty(), Optional.empty(), Optional.empty());

    /// A message to throw away.
    record Discard(String plugin, String reason) {}

    Fate held(String reason) {
        return new Fate(Optional.of(reason), redirect, discard);
    }

    Fate redirected(Mailbox to) {
        return new Fate(hold, Optional.of(to), discard);
    }

    Fate discarded(String plugin, String reason) {
        return new Fate(hold, redirect, Optional.of(new Discard(plugin, reason)));
    }
}
