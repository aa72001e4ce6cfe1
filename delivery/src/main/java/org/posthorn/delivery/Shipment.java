package org.posthorn.delivery;

import org.posthorn.api.mail.Content;
import org.posthorn.api.mail.Envelope;
import org.posthorn.smtp.client.Protocol;
import org.posthorn.smtp.client.TlsLevel;

import java.util.Optional;

/// One message on its way to a server, and how it wants to travel. Immutable.
///
/// @param envelope from whom, for whom, with the parameters as they go on from here
/// @param content the message
/// @param protocol what is spoken
/// @param implicitTls whether TLS begins with the connection
/// @param tls how well sessions must be secured
/// @param login who we are, if we have to say so
record Shipment(
        Envelope envelope,
        Content content,
        Protocol protocol,
        boolean implicitTls,
        TlsLevel tls,
        Optional<LoginConfig> login) {

    /// Tells whether the sender insists on TLS all the way (RFC 8689 §4.2).
    boolean requiresTls() {
        return envelope.parameters().has("REQUIRETLS");
    }

    /// Returns how a server's own words are called in reports and logs.
    String transport() {
        return switch (protocol) {
            case LMTP -> "lmtp";
            case SMTP -> "smtp";
        };
    }
}
