package org.posthorn.smtp.client;

import org.posthorn.api.mail.BodyType;
import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.Parameters;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.mail.Xtext;

import java.util.List;
import java.util.function.IntPredicate;
import java.util.regex.Pattern;

/// The words of `MAIL` and `RCPT`, with the parameters that a server offers to understand.
///
/// Parameters that hold for this server only stay here: `SIZE`, `HOLDFOR`, `HOLDUNTIL`, and
/// whatever no extension of the server explains. What has an octet that cannot stand in a parameter
/// is left out, whoever made it.
///
/// @param envelope what is sent
/// @param peer what the server offers
/// @param utf8 whether it is sent as SMTPUTF8
record Words(Envelope envelope, Capabilities peer, boolean utf8) {
    private static final Pattern VALUE = Pattern.compile("[\\x21-\\x3c\\x3e-\\x7e]{1,500}");

    String mail(long size, BodyType body, boolean prdr) {
        StringBuilder line = new StringBuilder("MAIL FROM:<");
        line.append(envelope.sender().mailbox().map(this::written).orElse("")).append('>');
        if (peer.offers("SIZE")) {
            line.append(" SIZE=").append(size);
        }
        if (body != BodyType.SEVEN_BIT) {
            line.append(" BODY=").append(body.keyword());
        }
        if (utf8) {
            line.append(" SMTPUTF8");
        }
        Parameters given = envelope.parameters();
        hand(line, given, "DSN", "RET");
        hand(line, given, "DSN", "ENVID");
        hand(line, given, "MT-PRIORITY", "MT-PRIORITY");
        hand(line, given, "DELIVERBY", "BY");
        if (given.has("REQUIRETLS") && peer.offers("REQUIRETLS")) {
            line.append(" REQUIRETLS");
        }
        return line.append(prdr ? " PRDR" : "").toString();
    }

    List<String> rcpt() {
        return envelope.recipients().stream().map(this::rcpt).toList();
    }

    private String rcpt(Recipient recipient) {
        StringBuilder line = new StringBuilder("RCPT TO:<");
        line.append(written(recipient.mailbox())).append('>');
        hand(line, recipient.parameters(), "DSN", "NOTIFY");
        if (recipient.parameters().has("ORCPT")) {
            hand(line, ascii(recipient.parameters(), "ORCPT"), "DSN", "ORCPT");
        } else if (peer.offers("DSN")) {
            line.append(" ORCPT=").append(original(recipient.mailbox()));
        }
        return line.toString();
    }

    private void hand(StringBuilder line, Parameters given, String extension, String keyword) {
        if (peer.offers(extension)) {
            given.value(keyword)
                    .filter(VALUE.asMatchPredicate())
                    .ifPresent(value -> line.append(' ').append(keyword).append('=').append(value));
        }
    }

    /// Any server takes an address in UTF-8 that is encoded (RFC 6533 §3), whatever it came as.
    private static Parameters ascii(Parameters given, String keyword) {
        return given.with(keyword, encoded(given.value(keyword).orElse(""), c -> c < 0x80));
    }

    private static String encoded(String text, IntPredicate plain) {
        StringBuilder encoded = new StringBuilder(text.length());
        text.codePoints()
                .forEach(
                        c -> {
                            if (plain.test(c)) {
                                encoded.appendCodePoint(c);
                            } else {
                                encoded.append("\\x{%02X}".formatted(c));
                            }
                        });
        return encoded.toString();
    }

    /// Who the mail is for, as far as we know (RFC 3461 §5.2.1; not ASCII, RFC 6533 §3).
    private static String original(Mailbox mailbox) {
        if (!mailbox.needsSmtpUtf8()) {
            return "rfc822;" + Xtext.encode(mailbox.ascii());
        }
        return "utf-8;"
                + encoded(
                        mailbox.toString(),
                        c -> c > ' ' && c < 0x7f && c != '+' && c != '=' && c != '\\');
    }

    private String written(Mailbox mailbox) {
        return utf8 ? mailbox.toString() : mailbox.ascii();
    }
}
