package org.posthorn.delivery;

import org.posthorn.api.config.Help;
import org.posthorn.api.mail.Mailbox;

import java.util.Optional;

/// The `bounces` block of `posthorn.conf`. Immutable.
///
/// @param doubleBounceRecipient who is told of bounces that cannot be delivered
public record BouncesConfig(
        @Help(
                        "Mailbox that is told of bounces that cannot be delivered, and gets them. Without it they are discarded, and counted.")
                Optional<Mailbox> doubleBounceRecipient) {

    /// What holds where the configuration says nothing.
    public static final BouncesConfig STANDARD = new BouncesConfig(Optional.empty());
}
