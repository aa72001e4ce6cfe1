package org.posthorn.delivery;

import org.posthorn.api.intake.Submission;
import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.Parameters;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.mail.ReversePath;
import org.posthorn.delivery.Told.Action;
import org.posthorn.queue.Job;
import org.posthorn.queue.Settlement;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// Writes the reports that a sender gets about recipients: for people and for programs (RFC 3461
/// §6, RFC 6522, RFC 3464; with internationalised mail RFC 6533).
///
/// @param hostname who reports
/// @param templates what they say to people
/// @param mostWhole the largest message that goes back whole, in octets
/// @param random for boundaries and message ids
record Reports(String hostname, Templates templates, long mostWhole, RandomGenerator random) {
    /// Under this name, the facts of a bounce say what it is about.
    static final String BOUNCE_OF = "bounce-of";

    /// Under this name, the facts of a report on a bounce that could not be delivered say which.
    static final String DOUBLE_BOUNCE_OF = "double-bounce-of";

    /// Writes the report on one job.
    ///
    /// @param sender whom it goes to
    /// @param told at least one, all with the same action, but that delivered and relayed go
    ///     together
    /// @param retries until when it is tried again, where it is
    Settlement.Report report(
            Job job, Mailbox sender, List<Told> told, Instant now, Instant retries) {
        Original original = original(job, told);
        Template.Kind kind = ReportText.kind(job, told);
        boolean operator = kind == Template.Kind.DOUBLE_BOUNCE;
        List<String> languages = operator ? List.of() : Languages.of(original);
        var text =
                new ReportText(
                        hostname,
                        job,
                        told,
                        now,
                        retries,
                        sender,
                        templates.choose(kind, languages),
                        "%016x".formatted(random.nextLong()));
        byte[] body = body(text, original);
        boolean ascii = isAscii(body);
        Parameters parameters = Parameters.NONE;
        if (!ascii) {
            parameters = parameters.with("BODY", "8BITMIME");
        }
        if (text.utf8()) {
            parameters = parameters.with("SMTPUTF8", "");
        }
        if (job.envelope().parameters().has("REQUIRETLS")) {
            parameters = parameters.with("REQUIRETLS", "");
        }
        Envelope envelope = Envelope.from(ReversePath.NULL, parameters).to(Recipient.of(sender));
        var submission =
                new Submission(
                        envelope,
                        ByteBuffer.wrap(octets(text.header(ascii))),
                        Optional.empty(),
                        Map.of(operator ? DOUBLE_BOUNCE_OF : BOUNCE_OF, job.message().text()));
        return new Settlement.Report(submission, ByteBuffer.wrap(body));
    }

    /// Only a failure brings the whole message back, and only where the sender asked for it, or
    /// where it is a bounce that says itself what it is about; never a message that requires TLS
    /// (RFC 8689 §5).
    private Original original(Job job, List<Told> told) {
        Parameters mail = job.envelope().parameters();
        boolean wanted =
                mail.value("RET").filter(ret -> ret.equalsIgnoreCase("FULL")).isPresent()
                        || job.envelope().sender().mailbox().isEmpty();
        boolean full =
                wanted && told.getFirst().action() == Action.FAILED && !mail.has("REQUIRETLS");
        return full
                ? Original.whole(job.envelope(), job.content(), mostWhole)
                : Original.header(job.content());
    }

    private static byte[] body(ReportText text, Original original) {
        var body = new ByteArrayOutputStream();
        body.writeBytes(octets(text.before(original)));
        body.writeBytes(original.octets());
        body.writeBytes(octets(text.end()));
        return body.toByteArray();
    }

    private static boolean isAscii(byte[] octets) {
        return new Original(true, octets).isAscii();
    }

    private static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
