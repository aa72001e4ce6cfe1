package org.posthorn.delivery;

import org.apache.james.mime4j.codec.EncoderUtil;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.queue.Job;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// The text of one report (RFC 6522). It needs SMTPUTF8 only where the address does that it goes
/// to: everything else is written so that any server takes it. Immutable.
///
/// @param hostname who reports
/// @param job what it is about
/// @param told for whom, and what
/// @param now when
/// @param retries until when it is tried again, where it is
/// @param to whom it is for
/// @param words what it says to people
/// @param token makes boundary and message id unique
record ReportText(
        String hostname,
        Job job,
        List<Told> told,
        Instant now,
        Instant retries,
        Mailbox to,
        Templates.Chosen words,
        String token) {
    /// How dates are written (RFC 5322 §3.3).
    static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss Z", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    /// Returns the kind of report that is owed.
    ///
    /// @param told at least one
    static Template.Kind kind(Job job, List<Told> told) {
        if (job.envelope().sender().mailbox().isEmpty()) {
            return Template.Kind.DOUBLE_BOUNCE;
        }
        return switch (told.getFirst().action()) {
            case FAILED -> Template.Kind.FAILED;
            case DELAYED -> Template.Kind.DELAYED;
            case DELIVERED, RELAYED -> Template.Kind.DELIVERED;
        };
    }

    /// Tells whether it can be sent with SMTPUTF8 only.
    boolean utf8() {
        return to.needsSmtpUtf8();
    }

    /// Returns the header section, with the empty line behind it.
    String header(boolean ascii) {
        return String.join(
                "\r\n",
                "Date: " + DATE.format(now),
                "From: Mail Delivery System <MAILER-DAEMON@" + hostname + ">",
                "To: <" + (utf8() ? to.toString() : to.ascii()) + ">",
                "Message-ID: <" + token + ".bounce@" + hostname + ">",
                "Subject: " + subject(),
                "Auto-Submitted: auto-replied",
                "MIME-Version: 1.0",
                "Content-Type: multipart/report; report-type=delivery-status;",
                " boundary=\"=_" + token + "\"",
                "Content-Transfer-Encoding: " + (ascii ? "7bit" : "8bit"),
                "",
                "");
    }

    private String subject() {
        String subject = words.template().subject(values());
        return utf8() || isAscii(subject)
                ? subject
                : EncoderUtil.encodeEncodedWord(
                                subject, EncoderUtil.Usage.TEXT_TOKEN, "Subject: ".length())
                        .replace(" =?", "\r\n =?");
    }

    /// Returns what stands before the original message: the part for people, the one for programs,
    /// and the head of the last one.
    String before(Original original) {
        String people = forPeople();
        String programs = new StatusText(hostname, job, told, now, retries, utf8()).text();
        String status = utf8() ? "message/global-delivery-status" : "message/delivery-status";
        return "This is a report about your mail, in MIME format.\r\n"
                + people(people)
                + part(status, "Delivery report", isAscii(programs))
                + programs
                + part(
                        type(original),
                        original.whole() ? "The message" : "Header of the message",
                        original.isAscii());
    }

    /// What was sent with SMTPUTF8 may have a header section in UTF-8 (RFC 6532 §3.7, RFC 6533 §6).
    private String type(Original original) {
        boolean global = utf8() || job.envelope().needsSmtpUtf8() && !original.isAscii();
        if (original.whole()) {
            return global ? "message/global" : "message/rfc822";
        }
        return global
                ? "message/global-headers"
                : "text/rfc822-headers" + (original.isAscii() ? "" : "; charset=utf-8");
    }

    /// Returns what stands behind the original message.
    String end() {
        return "\r\n--=_" + token + "--\r\n";
    }

    private String people(String text) {
        String language = "\r\nContent-Language: " + words.language();
        if (isAscii(text)) {
            return head("text/plain; charset=us-ascii" + language, "Notification", "7bit") + text;
        }
        String plain = "text/plain; charset=utf-8" + language;
        return utf8()
                ? head(plain, "Notification", "8bit") + text
                : head(plain, "Notification", "quoted-printable") + quotedPrintable(text);
    }

    private String part(String type, String description, boolean ascii) {
        return head(type, description, ascii ? "7bit" : "8bit");
    }

    private String head(String type, String description, String encoding) {
        return "\r\n--=_"
                + token
                + "\r\nContent-Description: "
                + description
                + "\r\nContent-Type: "
                + type
                + "\r\nContent-Transfer-Encoding: "
                + encoding
                + "\r\n\r\n";
    }

    private static String quotedPrintable(String text) {
        var encoded = new ByteArrayOutputStream();
        try {
            EncoderUtil.encodeQ(
                    new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), encoded);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return encoded.toString(StandardCharsets.US_ASCII) + "\r\n";
    }

    /// Tells whether a text can stand anywhere in mail.
    static boolean isAscii(String text) {
        return text.chars().allMatch(c -> c < 0x80);
    }

    private String forPeople() {
        StringBuilder recipients = new StringBuilder();
        for (Told one : told) {
            String who = "<" + one.recipient().mailbox() + ">: ";
            String said = one.by().mta().map(host -> host + " said: ").orElse("");
            recipients
                    .append(recipients.isEmpty() ? "" : "\r\n")
                    .append(Folding.folded(who + said + one.reply(), "    ", true));
        }
        return words.template().text(values(), recipients.toString());
    }

    private Map<String, String> values() {
        return Map.of(
                "hostname",
                hostname,
                "sender",
                to.toString(),
                "arrived",
                DATE.format(job.acceptedAt()),
                "until",
                DATE.format(retries));
    }
}
