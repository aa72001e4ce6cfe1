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
import java.util.List;
import java.util.Optional;

/// The part of a report that is for programs (RFC 3464 §2, RFC 6533 §3). Immutable.
///
/// @param hostname who reports
/// @param job what it is about
/// @param told for whom, and what
/// @param now when
/// @param retries until when it is tried again, where it is
/// @param utf8 whether UTF-8 can stand there
record StatusText(
        String hostname, Job job, List<Told> told, Instant now, Instant retries, boolean utf8) {

    /// Returns the fields about the message, and behind an empty line those about each recipient.
    String text() {
        StringBuilder text = new StringBuilder();
        Parameters mail = job.envelope().parameters();
        Addresses.decoded(mail.value("ENVID"))
                .ifPresent(id -> field(text, "Original-Envelope-Id", id));
        field(text, "Reporting-MTA", "dns; " + hostname);
        field(text, "Arrival-Date", ReportText.DATE.format(job.acceptedAt()));
        DeliverBy.of(mail)
                .map(by -> by.deadline(Times.start(job)))
                .ifPresent(by -> field(text, "Deliver-By-Date", ReportText.DATE.format(by)));
        FutureRelease.of(mail, job.acceptedAt())
                .flatMap(_ -> release(mail))
                .ifPresent(it -> field(text, "Future-Release-Request", it));
        told.forEach(one -> recipient(text, one));
        return text.toString();
    }

    private void field(StringBuilder text, String name, String value) {
        text.append(Folding.folded(name + ": " + value, " ", utf8));
    }

    /// RFC 4865 §6.
    private static Optional<String> release(Parameters mail) {
        return mail.value("HOLDFOR")
                .map(value -> "for;" + value)
                .or(() -> mail.value("HOLDUNTIL").map(value -> "until;" + value));
    }

    private void recipient(StringBuilder text, Told one) {
        text.append("\r\n");
        Addresses.original(one.recipient(), utf8)
                .ifPresent(it -> field(text, "Original-Recipient", it));
        field(text, "Final-Recipient", finalRecipient(one.recipient().mailbox()));
        field(text, "Action", one.action().toString());
        field(text, "Status", status(one).toString());
        one.by().mta().ifPresent(mta -> field(text, "Remote-MTA", "dns; " + mta));
        String type = one.by().mta().isPresent() ? "smtp; " : "x-posthorn; ";
        field(text, "Diagnostic-Code", type + one.last());
        field(text, "Last-Attempt-Date", ReportText.DATE.format(now));
        if (one.action() == Action.DELAYED) {
            field(text, "Will-Retry-Until", ReportText.DATE.format(retries));
        }
    }

    /// An address in UTF-8 says so; where there may be none, it is written in ASCII (RFC 6533 §3).
    private String finalRecipient(Mailbox mailbox) {
        if (utf8 && !ReportText.isAscii(mailbox.toString())) {
            return "utf-8; " + mailbox;
        }
        return mailbox.needsSmtpUtf8()
                ? "utf-8; " + Addresses.escaped(mailbox.toString())
                : "rfc822; " + mailbox.ascii();
    }

    private static EnhancedStatus status(Told one) {
        Reply reply = one.reply();
        return reply.status().orElse(new EnhancedStatus(reply.code() / 100, 0, 0));
    }
}
