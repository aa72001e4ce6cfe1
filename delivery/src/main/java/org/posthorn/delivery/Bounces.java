package org.posthorn.delivery;

import org.posthorn.api.intake.Submission;
import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.Parameters;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.mail.ReversePath;
import org.posthorn.queue.Job;
import org.posthorn.queue.Settlement;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// Writes the report that a sender gets about recipients who were given up: for people and for
/// programs (RFC 3461 §6, RFC 3462, RFC 3464; with internationalised mail RFC 6533).
///
/// @param hostname who reports
/// @param random for boundaries and message ids
record Bounces(String hostname, RandomGenerator random) {

    /// Writes the report on one job.
    ///
    /// @param failures at least one
    Settlement.Report report(Job job, Mailbox sender, List<Failure> failures, Instant now) {
        boolean utf8 = job.envelope().needsSmtpUtf8();
        OriginalHeader original = OriginalHeader.of(job.content());
        var text = new BounceText(hostname, job, failures, now, utf8);
        String token = "%016x".formatted(random.nextLong());
        String body = text.body(original, "=_" + token);
        boolean ascii = body.chars().allMatch(c -> c < 0x80);
        String header = text.header(sender, token, ascii);
        Parameters parameters = Parameters.NONE;
        if (!ascii) {
            parameters = parameters.with("BODY", "8BITMIME");
        }
        if (utf8) {
            parameters = parameters.with("SMTPUTF8", "");
        }
        Envelope envelope = Envelope.from(ReversePath.NULL, parameters).to(Recipient.of(sender));
        var submission =
                new Submission(
                        envelope,
                        octets(header),
                        Optional.empty(),
                        Map.of("bounce-of", job.message().text()));
        return new Settlement.Report(submission, octets(body));
    }

    private static ByteBuffer octets(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
