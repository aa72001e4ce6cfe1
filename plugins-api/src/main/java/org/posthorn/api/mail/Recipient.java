package org.posthorn.api.mail;

/// One forward-path of an envelope. Immutable.
///
/// @param mailbox who the mail is for
/// @param parameters what `RCPT` said besides, such as `NOTIFY` and `ORCPT`
public record Recipient(Mailbox mailbox, Parameters parameters) {

    /// Makes a recipient without parameters.
    public static Recipient of(Mailbox mailbox) {
        return new Recipient(mailbox, Parameters.NONE);
    }
}
