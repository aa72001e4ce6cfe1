package org.posthorn.api.delivery;

import java.util.Locale;

/// Why a recipient was not reached, in one word: what a reply means, whatever words and codes its
/// server has for that.
public enum ReplyClass {
    /// There is no such mailbox.
    UNKNOWN_USER,
    /// The mailbox exists and takes no mail: closed, or not in use.
    DISABLED_USER,
    /// The mailbox is full.
    MAILBOX_FULL,
    /// There is no such domain, or it takes no mail.
    UNKNOWN_DOMAIN,
    /// The message is too big.
    SIZE,
    /// The content is refused: spam, a virus, a broken message, a need that the server lacks.
    CONTENT,
    /// SPF, DKIM or DMARC do not vouch for the sender.
    SENDER_AUTHENTICATION,
    /// Our address or the sender's domain has a bad name: a block list, complaints.
    REPUTATION,
    /// A rule of the receiver's forbids it.
    POLICY,
    /// The server wants less from us: fewer sessions, fewer messages.
    RATE_LIMIT,
    /// The server wants us to come again, to see that we do.
    GREYLISTED,
    /// The server is busy, short of something, or out of order.
    BUSY,
    /// Somebody does not speak SMTP as it is written.
    PROTOCOL,
    /// Nobody answered: no connection, a connection that broke, silence.
    CONNECTION,
    /// The DNS does not answer.
    DNS,
    /// TLS was asked for and could not be had.
    TLS,
    /// The server does not let us log in.
    LOGIN,
    /// Mail goes in a circle, or has nowhere to go.
    ROUTING,
    /// The time was over in which it was to be delivered.
    EXPIRED,
    /// Something is wrong here: the disk, the configuration.
    LOCAL,
    /// Nobody knows.
    OTHER;

    /// Returns the name as it stands in configurations and logs: `mailbox-full`.
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
