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
/// §6, RFC 3462, RFC 3464; with internationalised mail RFC 6533).
///
/// @param hostname who reports
/// @param random for boundaries and message ids
record Reports(String hostname, RandomGenerator random) {
    /// Under this name, the facts of a bounce say what it is about.
    static final String BOUNCE_OF = "bounce-of";

    /// Under this name, the facts of a report on a bounce that could not be delivered say which.
    static final String DOUBLE_BOUNCE_OF = "double-bounce-of";

    /// Writes the report on one job.
    ///
    /// @param told at least one, all with the same action, but that delivered and relayed go
    ///     together
    /// @param retries until when it is tried again, where it is
    Settlement.Report report(
            Job job, Mailbox sender, List<Told> told, Instant now, Instant retries) {
        boolean utf8 = job.envelope().needsSmtpUtf8();
        String token = "%016x".formatted(random.nextLong());
        var text = new ReportText(hostname, job, told, now, retries, utf8, token);
        Original original = original(job, told);
        byte[] body = body(text, original);
        boolean ascii = isAscii(body);
        Parameters parameters = Parameters.NONE;
        if (!ascii) {
            parameters = parameters.with("BODY", "8BITMIME");
        }
        if (utf8) {
            parameters = parameters.with("SMTPUTF8", "");
        }
        if (job.envelope().parameters().has("REQUIRETLS")) {
            parameters = parameters.with("REQUIRETLS", "");
        }
        Envelope envelope = Envelope.from(ReversePath.NULL, parameters).to(Recipient.of(sender));
        var submission =
                new Submission(
                        envelope,
                        ByteBuffer.wrap(octets(text.header(sender, ascii))),
                        Optional.empty(),
                        Map.of(
                                text.isDoubleBounce() ? DOUBLE_BOUNCE_OF : BOUNCE_OF,
                                job.message().text()));
        return new Settlement.Report(submission, ByteBuffer.wrap(body));
    }

    /// Only a failure brings the whole message back, and only where the sender asked for it, or
    /// where it is a bounce that says itself what it is about; never a message that requires TLS
    /// (RFC 8689 §5).
    private static Original original(Job job, List<Told> told) {
        Parameters mail = job.envelope().parameters();
        boolean wanted =
                mail.value("RET").filter(ret -> ret.equalsIgnoreCase("FULL")).isPresent()
                        || job.envelope().sender().mailbox().isEmpty();
        boolean full =
                wanted && told.getFirst().action() == Action.FAILED && !mail.has("REQUIRETLS");
        return full
                ? Original.whole(job.envelope(), job.content())
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
