package org.posthorn.delivery;

import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.smtp.EnhancedStatus;
import org.posthorn.api.smtp.Reply;
import org.posthorn.queue.Job;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/// The text of one bounce. Immutable.
///
/// @param hostname who reports
/// @param job what failed
/// @param failures for whom, and why
/// @param now when
/// @param utf8 whether the message needed SMTPUTF8: then the report may use it as well (RFC 6533)
record BounceText(String hostname, Job job, List<Failure> failures, Instant now, boolean utf8) {
    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss Z", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);
    private static final int WIDTH = 76;
    private static final int MAX_WORD = 900;

    /// Returns the header section, with the empty line behind it.
    String header(Mailbox sender, String token, boolean ascii) {
        return String.join(
                "\r\n",
                "Date: " + DATE.format(now),
                "From: Mail Delivery System <MAILER-DAEMON@" + hostname + ">",
                "To: <" + written(sender) + ">",
                "Message-ID: <" + token + ".bounce@" + hostname + ">",
                "Subject: Undelivered Mail Returned to Sender",
                "Auto-Submitted: auto-replied",
                "MIME-Version: 1.0",
                "Content-Type: multipart/report; report-type=delivery-status;",
                " boundary=\"=_" + token + "\"",
                "Content-Transfer-Encoding: " + (ascii ? "7bit" : "8bit"),
                "",
                "");
    }

    /// Returns the three parts: for people, for programs, and what it was about.
    String body(OriginalHeader original, String boundary) {
        String plain = utf8 ? "text/plain; charset=utf-8" : "text/plain; charset=us-ascii";
        String status = utf8 ? "message/global-delivery-status" : "message/delivery-status";
        String header = utf8 ? "message/global-headers" : "text/rfc822-headers";
        String charset = utf8 || original.isAscii() ? "" : "; charset=utf-8";
        return "This is a report about undelivered mail, in MIME format.\r\n"
                + part(boundary, plain, "Notification", forPeople())
                + part(boundary, status, "Delivery report", forPrograms())
                + part(boundary, header + charset, "Header of the message", original.text())
                + "\r\n--"
                + boundary
                + "--\r\n";
    }

    private static String part(String boundary, String type, String description, String text) {
        boolean ascii = text.chars().allMatch(c -> c < 0x80);
        return "\r\n--"
                + boundary
                + "\r\nContent-Description: "
                + description
                + "\r\nContent-Type: "
                + type
                + "\r\nContent-Transfer-Encoding: "
                + (ascii ? "7bit" : "8bit")
                + "\r\n\r\n"
                + text;
    }

    private String forPeople() {
        StringBuilder text = new StringBuilder();
        text.append("This is the mail system at ").append(hostname).append(".\r\n\r\n");
        text.append(
                """
                Your message could not be delivered to the following recipients. No
                further attempt will be made. What you sent is named at the end of this
                report.
                """
                        .replace("\n", "\r\n"));
        for (Failure failure : failures) {
            String who = "<" + written(failure.recipient().mailbox()) + ">: ";
            String said = failure.by().mta().map(host -> host + " said: ").orElse("");
            text.append("\r\n").append(folded(who + said + failure.reply(), "    "));
        }
        return text.toString();
    }

    private String forPrograms() {
        StringBuilder text = new StringBuilder();
        text.append(folded("Reporting-MTA: dns; " + hostname, " "));
        text.append(folded("Arrival-Date: " + DATE.format(job.acceptedAt()), " "));
        for (Failure failure : failures) {
            text.append("\r\n");
            failure.recipient()
                    .parameters()
                    .value("ORCPT")
                    .flatMap(BounceText::original)
                    .ifPresent(o -> text.append(folded("Original-Recipient: " + o, " ")));
            Mailbox mailbox = failure.recipient().mailbox();
            String type = utf8 ? "utf-8; " : "rfc822; ";
            text.append(folded("Final-Recipient: " + type + written(mailbox), " "));
            text.append("Action: failed\r\n");
            text.append("Status: ").append(status(failure.reply())).append("\r\n");
            failure.by()
                    .mta()
                    .ifPresent(mta -> text.append(folded("Remote-MTA: dns; " + mta, " ")));
            String diagnosticType = failure.by().mta().isPresent() ? "smtp; " : "x-posthorn; ";
            text.append(folded("Diagnostic-Code: " + diagnosticType + failure.last(), " "));
            text.append(folded("Last-Attempt-Date: " + DATE.format(now), " "));
        }
        return text.toString();
    }

    /// The address that the sender gave, as the `ORCPT` parameter hands it on (RFC 3461 §4.2).
    private static Optional<String> original(String parameter) {
        int semicolon = parameter.indexOf(';');
        return semicolon < 1
                ? Optional.empty()
                : Optional.of(
                        parameter.substring(0, semicolon)
                                + "; "
                                + xtextDecoded(parameter.substring(semicolon + 1)));
    }

    private static String xtextDecoded(String text) {
        Function<String, String> character = hex -> "" + (char) Integer.parseInt(hex, 16);
        return java.util.regex.Pattern.compile("\\+([0-9A-F]{2})")
                .matcher(text)
                .replaceAll(
                        match ->
                                java.util.regex.Matcher.quoteReplacement(
                                        character.apply(match.group(1))));
    }

    private static EnhancedStatus status(Reply reply) {
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
