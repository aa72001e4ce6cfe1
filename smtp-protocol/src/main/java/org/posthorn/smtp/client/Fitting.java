package org.posthorn.smtp.client;

import org.posthorn.api.mail.BodyType;
import org.posthorn.api.mail.Content;
import org.posthorn.api.mail.DeliverBy;
import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.smtp.Reply;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// How a message fits what a server offers: as commands, or not at all. Immutable.
sealed interface Fitting {

    /// It fits.
    ///
    /// @param mail the `MAIL` command
    /// @param rcpt one `RCPT` command per recipient, in order
    /// @param body what the content is declared to be
    /// @param prdr whether each recipient is to be answered behind the content
    record Commands(String mail, List<String> rcpt, BodyType body, boolean prdr)
            implements Fitting {}

    /// It does not.
    ///
    /// @param reply why
    record Unfit(Reply reply) implements Fitting {}

    /// Compares a message with what the server offers.
    ///
    /// What a sender declared and the content does not need is dropped, where the server lacks it.
    /// What the content needs is never taken away, and no content is converted.
    ///
    /// @throws IOException when the content must be looked at and cannot be read
    static Fitting of(Envelope envelope, Content content, Protocol protocol, Capabilities peer)
            throws IOException {
        Optional<Reply> lacking = lacking(envelope, content, peer);
        if (lacking.isPresent()) {
            return new Unfit(lacking.get());
        }
        boolean utf8 = envelope.needsSmtpUtf8();
        BodyType body = envelope.parameters().body();
        boolean utf8Taken = peer.offers("SMTPUTF8");
        boolean bodyTaken = takes(peer, body);
        if (!bodyTaken || utf8 && !utf8Taken) {
            Octets octets = Octets.of(content);
            if (utf8 && !utf8Taken && (addressesNeedUtf8(envelope) || octets.utf8Header())) {
                return unfit("5.6.7", "SMTPUTF8");
            }
            if (!bodyTaken && octets.binary() && body == BodyType.BINARY) {
                return unfit("5.6.3", "BINARYMIME");
            }
            if (!bodyTaken && octets.eightBit() && !takes(peer, BodyType.EIGHT_BIT)) {
                return unfit("5.6.3", "8BITMIME");
            }
            utf8 = utf8 && utf8Taken;
            body = bodyTaken ? body : octets.eightBit() ? BodyType.EIGHT_BIT : BodyType.SEVEN_BIT;
        }
        boolean several = envelope.recipients().size() > 1;
        boolean prdr = several && protocol == Protocol.SMTP && peer.offers("PRDR");
        var words = new Words(envelope, peer, utf8);
        return new Commands(words.mail(content.size(), body, prdr), words.rcpt(), body, prdr);
    }

    private static boolean takes(Capabilities peer, BodyType body) {
        return switch (body) {
            case SEVEN_BIT -> true;
            case EIGHT_BIT -> peer.offers("8BITMIME");
            case BINARY -> peer.offers("BINARYMIME") && peer.offers("CHUNKING");
        };
    }

    /// What the sender asked for and the server cannot do, whatever the content.
    private static Optional<Reply> lacking(Envelope envelope, Content content, Capabilities peer) {
        OptionalLong limit = peer.sizeLimit();
        if (limit.isPresent() && content.size() > limit.getAsLong()) {
            String most = "the message is larger than the server's " + limit.getAsLong();
            return Optional.of(Reply.of(554, "5.3.4", "Not sent: " + most));
        }
        // A report is not to be lost over it (RFC 8689 §5).
        if (envelope.parameters().has("REQUIRETLS")
                && envelope.sender().mailbox().isPresent()
                && !peer.offers("REQUIRETLS")) {
            String needed = "the server does not offer REQUIRETLS, and the sender asks for it";
            return Optional.of(Reply.of(554, "5.7.30", "Not sent: " + needed));
        }
        Optional<DeliverBy> by = DeliverBy.of(envelope.parameters()).filter(DeliverBy::returned);
        if (by.isPresent() && !peer.offers("DELIVERBY")) {
            String needed = "the server does not offer DELIVERBY, and the sender asks for it";
            return Optional.of(Reply.of(554, "5.3.3", "Not sent: " + needed));
        }
        if (by.isPresent() && by.get().seconds() < peer.shortestBy()) {
            String needed = "the server promises no delivery in " + by.get().seconds() + " seconds";
            return Optional.of(Reply.of(554, "5.4.7", "Not sent: " + needed));
        }
        return Optional.empty();
    }

    private static boolean addressesNeedUtf8(Envelope envelope) {
        return envelope.sender().mailbox().stream().anyMatch(Mailbox::needsSmtpUtf8)
                || envelope.recipients().stream().anyMatch(r -> r.mailbox().needsSmtpUtf8());
    }

    private static Unfit unfit(String status, String keyword) {
        String text = "the server does not offer " + keyword + ", and this message needs it";
        return new Unfit(Reply.of(554, status, "Not sent: " + text));
    }
}
