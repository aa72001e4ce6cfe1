package org.posthorn.delivery;

import org.posthorn.api.mail.DeliverBy;
import org.posthorn.api.mail.FutureRelease;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.Parameters;
import org.posthorn.api.smtp.EnhancedStatus;
import org.posthorn.api.smtp.Reply;
import org.posthorn.delivery.Told.Action;
import org.posthorn.queue.Job;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The text of one report. Immutable.
///
/// @param hostname who reports
/// @param job what it is about
/// @param told for whom, and what
/// @param now when
/// @param retries until when it is tried again, where it is
/// @param utf8 whether the message needed SMTPUTF8: then the report may use it as well (RFC 6533)
/// @param token makes boundary and message id unique
record ReportText(
        String hostname,
        Job job,
        List<Told> told,
        Instant now,
        Instant retries,
        boolean utf8,
        String token) {
    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss Z", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);
    private static final int WIDTH = 76;
    private static final int MAX_WORD = 900;

    /// Returns the header section, with the empty line behind it.
    String header(Mailbox sender, boolean ascii) {
        return String.join(
                "\r\n",
                "Date: " + DATE.format(now),
                "From: Mail Delivery System <MAILER-DAEMON@" + hostname + ">",
                "To: <" + written(sender) + ">",
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

    /// Tells whether it is about a bounce that could not be delivered.
    boolean isDoubleBounce() {
        return job.envelope().sender().mailbox().isEmpty();
    }

    private String subject() {
        if (isDoubleBounce()) {
            return "Undelivered Bounce";
        }
        return switch (told.getFirst().action()) {
            case FAILED -> "Undelivered Mail Returned to Sender";
            case DELAYED -> "Delayed Mail (still being retried)";
            case DELIVERED, RELAYED -> "Successful Mail Delivery Report";
        };
    }

    /// Returns what stands before the original message: the part for people, the one for programs,
    /// and the head of the last one.
    String before(Original original) {
        String plain = utf8 ? "text/plain; charset=utf-8" : "text/plain; charset=us-ascii";
        String status = utf8 ? "message/global-delivery-status" : "message/delivery-status";
        String charset = utf8 || original.isAscii() ? "" : "; charset=utf-8";
        String header = (utf8 ? "message/global-headers" : "text/rfc822-headers") + charset;
        String message = utf8 ? "message/global" : "message/rfc822";
        String people = forPeople();
        String programs = forPrograms();
        return "This is a report about your mail, in MIME format.\r\n"
                + part(plain, "Notification", isAscii(people))
                + people
                + part(status, "Delivery report", isAscii(programs))
                + programs
                + (original.whole()
                        ? part(message, "The message", original.isAscii())
                        : part(header, "Header of the message", original.isAscii()));
    }

    /// Returns what stands behind the original message.
    String end() {
        return "\r\n--=_" + token + "--\r\n";
    }

    private String part(String type, String description, boolean ascii) {
        return "\r\n--=_"
                + token
                + "\r\nContent-Description: "
                + description
                + "\r\nContent-Type: "
                + type
                + "\r\nContent-Transfer-Encoding: "
                + (ascii ? "7bit" : "8bit")
                + "\r\n\r\n";
    }

    private static boolean isAscii(String text) {
        return text.chars().allMatch(c -> c < 0x80);
    }

    private String forPeople() {
        StringBuilder text = new StringBuilder();
        text.append("This is the mail system at ").append(hostname).append(".\r\n\r\n");
        text.append(introduction().replace("\n", "\r\n"));
        for (Told one : told) {
            String who = "<" + written(one.recipient().mailbox()) + ">: ";
            String said = one.by().mta().map(host -> host + " said: ").orElse("");
            text.append("\r\n").append(folded(who + said + one.reply(), "    "));
        }
        return text.toString();
    }

    private String introduction() {
        if (isDoubleBounce()) {
            return """
            A bounce could not be delivered to the following recipients, and is at the end of
            this report. You get it because this server is set up to send such mail to you.
            """;
        }
        return switch (told.getFirst().action()) {
            case FAILED ->
                    """
                    Your message could not be delivered to the following recipients. No
                    further attempt will be made. What you sent is named at the end of this
                    report.
                    """;
            case DELAYED ->
                    """
                    Your message could not be delivered yet to the following recipients. It
                    will be tried again until %s. You need not send it again.
                    """
                            .formatted(DATE.format(retries));
            case DELIVERED, RELAYED ->
                    """
                    Your message was delivered to the following recipients, or handed to a
                    mail system that may not send you a report of its own.
                    """;
        };
    }

    private String forPrograms() {
        StringBuilder text = new StringBuilder();
        Parameters mail = job.envelope().parameters();
        Addresses.decoded(mail.value("ENVID"))
                .ifPresent(id -> text.append(folded("Original-Envelope-Id: " + id, " ")));
        text.append(folded("Reporting-MTA: dns; " + hostname, " "));
        text.append(folded("Arrival-Date: " + DATE.format(job.acceptedAt()), " "));
        DeliverBy.of(mail)
                .map(by -> by.deadline(Times.start(job)))
                .ifPresent(by -> text.append("Deliver-By-Date: " + DATE.format(by) + "\r\n"));
        FutureRelease.of(mail, job.acceptedAt())
                .flatMap(_ -> release(mail))
                .ifPresent(it -> text.append(folded("Future-Release-Request: " + it, " ")));
        told.forEach(one -> forPrograms(text, one));
        return text.toString();
    }

    /// RFC 4865 §6.
    private static Optional<String> release(Parameters mail) {
        return mail.value("HOLDFOR")
                .map(value -> "for;" + value)
                .or(() -> mail.value("HOLDUNTIL").map(value -> "until;" + value));
    }

    private void forPrograms(StringBuilder text, Told one) {
        text.append("\r\n");
        Addresses.original(one.recipient(), utf8)
                .ifPresent(o -> text.append(folded("Original-Recipient: " + o, " ")));
        String type = utf8 ? "utf-8; " : "rfc822; ";
        text.append(folded("Final-Recipient: " + type + written(one.recipient().mailbox()), " "));
        text.append("Action: ").append(one.action()).append("\r\n");
        text.append("Status: ").append(status(one)).append("\r\n");
        one.by().mta().ifPresent(mta -> text.append(folded("Remote-MTA: dns; " + mta, " ")));
        String diagnosticType = one.by().mta().isPresent() ? "smtp; " : "x-posthorn; ";
        text.append(folded("Diagnostic-Code: " + diagnosticType + one.last(), " "));
        text.append(folded("Last-Attempt-Date: " + DATE.format(now), " "));
        if (one.action() == Action.DELAYED) {
            text.append(folded("Will-Retry-Until: " + DATE.format(retries), " "));
        }
    }

    private static EnhancedStatus status(Told one) {
        Reply reply = one.reply();
        return reply.status().orElse(new EnhancedStatus(reply.code() / 100, 0, 0));
    }

    private String written(Mailbox mailbox) {
        return utf8 ? mailbox.toString() : mailbox.ascii();
    }

    /// Breaks text into lines at spaces, and words that are too long for a line of mail at any
    /// place.
    private String folded(String text, String indent) {
        StringBuilder lines = new StringBuilder();
        int column = 0;
        for (String word : shown(text).split(" ", -1)) {
            for (int from = 0; from == 0 || from < word.length(); from += MAX_WORD) {
                String piece = word.substring(from, Math.min(word.length(), from + MAX_WORD));
                if (column > 0 && (from > 0 || column + 1 + piece.length() > WIDTH)) {
                    lines.append("\r\n").append(indent).append(piece);
                    column = indent.length() + piece.length();
                } else {
                    lines.append(column > 0 ? " " : "").append(piece);
                    column += (column > 0 ? 1 : 0) + piece.length();
                }
            }
        }
        return lines.append("\r\n").toString();
    }

    /// Takes away what cannot stand in this report: controls, and non-ASCII where it is not for
    /// UTF-8.
    private String shown(String text) {
        StringBuilder shown = new StringBuilder(text.length());
        text.codePoints()
                .map(c -> Character.isISOControl(c) || c >= 0x80 && !utf8 ? '?' : c)
                .forEach(shown::appendCodePoint);
        return shown.toString();
    }
}
