package org.posthorn.server.command;

import static org.posthorn.server.log.UnsafeText.escaped;

import org.posthorn.server.mxbean.QueueEntry;
import org.posthorn.server.mxbean.QueueEntry.QueuedEvent;
import org.posthorn.server.mxbean.QueueEntry.QueuedFact;
import org.posthorn.server.mxbean.QueueEntry.QueuedJob;
import org.posthorn.server.mxbean.QueueEntry.QueuedRecipient;
import org.posthorn.server.mxbean.SelectedMail;

import java.io.PrintWriter;

/// Writes what is in the queue for people, or as JSON. What strangers said is escaped.
record QueueText(PrintWriter out) {

    void list(QueueEntry message, JsonOption json) {
        if (json.isGiven()) {
            out.println(Json.of(message));
            return;
        }
        head(message);
        for (QueuedJob job : message.jobs()) {
            out.printf(
                    "  to %s: %s (%s), due %s, attempts %d%n",
                    escaped(job.destination()),
                    job.state(),
                    escaped(job.reason()),
                    job.due(),
                    job.attempts());
            job.recipients().forEach(this::recipient);
        }
    }

    void show(QueueEntry message, JsonOption json) {
        if (json.isGiven()) {
            out.println(Json.of(message));
            return;
        }
        head(message);
        for (QueuedFact fact : message.metadata()) {
            out.printf("  metadata.%s=%s%n", escaped(fact.name()), escaped(fact.value()));
        }
        message.jobs().forEach(job -> show(job, message.id()));
    }

    private void head(QueueEntry message) {
        out.printf(
                "%s %s %d octets, accepted %s%n",
                message.id(), escaped(message.sender()), message.size(), message.accepted());
    }

    private void show(QueuedJob job, String id) {
        out.printf(
                "  to %s: %s (%s)%n",
                escaped(job.destination()), job.state(), escaped(job.reason()));
        out.printf("    route %s, attempts %d%n", escaped(job.route()), job.attempts());
        out.printf("    next: %s%n", next(job, id));
        job.recipients().forEach(this::recipient);
        if (!job.history().isEmpty()) {
            out.println("    history:");
        }
        for (QueuedEvent event : job.history()) {
            out.printf("      %s %s: %s%n", event.at(), escaped(event.by()), escaped(event.text()));
        }
    }

    private static String next(QueuedJob job, String id) {
        return job.next().isEmpty()
                ? "when an operator says so: posthorn queue release " + id
                : job.next() + " at the earliest";
    }

    private void recipient(QueuedRecipient recipient) {
        out.printf(
                "    <%s>%s%n",
                escaped(recipient.address()),
                recipient.last().isEmpty() ? "" : " " + escaped(recipient.last()));
    }

    /// Writes how much.
    ///
    /// @param verb what became of it, with a blank before it; may be empty
    void amount(SelectedMail mail, String verb, JsonOption json) {
        if (json.isGiven()) {
            out.println(Json.of(mail));
            return;
        }
        out.printf(
                "%d messages, %d jobs, %d octets%s%n",
                mail.messages(), mail.jobs(), mail.octets(), verb);
    }
}
