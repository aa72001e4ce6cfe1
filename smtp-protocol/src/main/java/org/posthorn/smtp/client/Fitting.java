package org.posthorn.smtp.client;

import org.posthorn.api.mail.BodyType;
import org.posthorn.api.mail.Content;
import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.smtp.Reply;

import java.io.IOException;
import java.util.List;
import java.util.function.Function;

/// How a message fits what a server offers: as commands, or not at all. Immutable.
sealed interface Fitting {

    /// It fits.
    ///
    /// @param mail the `MAIL` command
    /// @param rcpt one `RCPT` command per recipient, in order
    record Commands(String mail, List<String> rcpt) implements Fitting {}

    /// It does not.
    ///
    /// @param reply why
    record Unfit(Reply reply) implements Fitting {}

    /// Compares a message with what the server offers (RFC 1870, RFC 6152, RFC 6531).
    ///
    /// What a sender declared and the content does not need is dropped, where the server lacks it.
    /// What the content needs is never taken away, and no content is converted.
    ///
    /// @throws IOException when the content must be looked at and cannot be read
    static Fitting of(Envelope envelope, Content content, Capabilities peer) throws IOException {
        var limit = peer.sizeLimit();
        if (limit.isPresent() && content.size() > limit.getAsLong()) {
            return unfit("5.3.4", "the message is larger than the server's " + limit.getAsLong());
        }
        boolean utf8 = envelope.needsSmtpUtf8();
        if (utf8 && !peer.offers("SMTPUTF8")) {
            if (addressesNeedUtf8(envelope) || Octets.of(content).utf8Header()) {
                return unfit(
                        "5.6.7", "the server does not offer SMTPUTF8, and this message needs it");
            }
            utf8 = false;
        }
        boolean eightBit = envelope.parameters().body() != BodyType.SEVEN_BIT;
        if (eightBit && !peer.offers("8BITMIME")) {
            if (Octets.of(content).eightBit()) {
                return unfit(
                        "5.6.3", "the server does not offer 8BITMIME, and this message needs it");
            }
            eightBit = false;
        }
        return commands(envelope, content, peer, utf8, eightBit);
    }

    private static boolean addressesNeedUtf8(Envelope envelope) {
        return envelope.sender().mailbox().stream().anyMatch(Mailbox::needsSmtpUtf8)
                || envelope.recipients().stream().anyMatch(r -> r.mailbox().needsSmtpUtf8());
    }

    private static Unfit unfit(String status, String text) {
        return new Unfit(Reply.of(554, status, "Not sent: " + text));
    }

    private static Commands commands(
            Envelope envelope, Content content, Capabilities peer, boolean utf8, boolean eightBit) {
        Function<Mailbox, String> written = utf8 ? Mailbox::toString : Mailbox::ascii;
        String sender = envelope.sender().mailbox().map(written).orElse("");
        String mail =
                "MAIL FROM:<"
                        + sender
                        + ">"
                        + (peer.offers("SIZE") ? " SIZE=" + content.size() : "")
                        + (eightBit ? " BODY=8BITMIME" : "")
                        + (utf8 ? " SMTPUTF8" : "");
        List<String> rcpt =
                envelope.recipients().stream()
                        .map(r -> "RCPT TO:<" + written.apply(r.mailbox()) + ">")
                        .toList();
        return new Commands(mail, rcpt);
    }
}
