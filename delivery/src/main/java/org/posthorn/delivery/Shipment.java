package org.posthorn.delivery;

import org.posthorn.api.mail.Content;
import org.posthorn.api.mail.Envelope;
import org.posthorn.smtp.client.Origin;
import org.posthorn.smtp.client.Protocol;

import java.util.Optional;

/// One message on its way to a server, and how it wants to travel. Immutable.
///
/// @param envelope from whom, for whom, with the parameters as they go on from here
/// @param content the message
/// @param protocol what is spoken
/// @param implicitTls whether TLS begins with the connection
/// @param tls how well sessions must be secured
/// @param login who we are, if we have to say so
/// @param origin where the message came from, if the server is to be told
record Shipment(
        Envelope envelope,
        Content content,
        Protocol protocol,
        boolean implicitTls,
        TlsPlan tls,
        Optional<LoginConfig> login,
        Optional<Origin> origin) {

    /// Tells whether TLS is wanted all the way, but not at the price of the mail: a report of mail
    /// that requires it must not be lost for want of it (RFC 8689 §5).
    boolean prefersTls() {
        return tls.wish().sender() == TlsWish.Sender.REQUIRES
                && envelope.sender().mailbox().isEmpty();
    }

    /// Tells whether the sender insists on TLS all the way (RFC 8689 §4.2.1).
    boolean requiresTls() {
        return tls.wish().sender() == TlsWish.Sender.REQUIRES
                && envelope.sender().mailbox().isPresent();
    }

    /// Returns how a server's own words are called in reports and logs.
    String transport() {
        return switch (protocol) {
            case LMTP -> "lmtp";
            case SMTP -> "smtp";
        };
    }
}
