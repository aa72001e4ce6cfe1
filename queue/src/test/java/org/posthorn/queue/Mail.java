package org.posthorn.queue;

import static java.nio.charset.StandardCharsets.US_ASCII;

import org.posthorn.api.delivery.Outcome;
import org.posthorn.api.intake.Draft;
import org.posthorn.api.intake.Intake;
import org.posthorn.api.intake.QueueUnavailableException;
import org.posthorn.api.intake.Submission;
import org.posthorn.api.mail.Content;
import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.MessageId;
import org.posthorn.api.mail.Parameters;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.mail.ReversePath;
import org.posthorn.api.smtp.Reply;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/// Messages and settlements as the tests need them.
final class Mail {
    static final Reply OK = Reply.of(250, "2.0.0", "taken");
    static final Reply LATER = Reply.of(451, "4.3.0", "later");

    private Mail() {}

    static Envelope envelope(String... recipients) {
        Envelope envelope =
                Envelope.from(
                        ReversePath.of(Mailbox.parse("mona@example.org")),
                        Parameters.NONE.with("BODY", "8BITMIME"));
        for (String recipient : recipients) {
            envelope = envelope.to(Recipient.of(Mailbox.parse(recipient)));
        }
        return envelope;
    }

    static Submission submission(String... recipients) {
        return new Submission(
                envelope(recipients),
                ascii("Subject: test\r\n\r\n"),
                Optional.empty(),
                Map.of("client", "192.0.2.1"));
    }

    /// Makes a submission of some priority, due for the first time later.
    static Submission urgent(int priority, Optional<Instant> notBefore, String... recipients) {
        Submission plain = submission(recipients);
        Envelope envelope = plain.envelope();
        return new Submission(
                new Envelope(
                        envelope.sender(),
                        envelope.parameters().with("MT-PRIORITY", String.valueOf(priority)),
                        envelope.recipients()),
                plain.header(),
                Optional.empty(),
                plain.metadata(),
                notBefore);
    }

    static ByteBuffer ascii(String text) {
        return ByteBuffer.wrap(text.getBytes(US_ASCII));
    }

    /// Begins and commits a message, and does not wait.
    static CompletionStage<MessageId> begin(Intake intake, String body, Submission submission) {
        try (Draft draft = intake.begin(0)) {
            draft.write(ascii(body)).toCompletableFuture().join();
            return draft.commit(submission);
        } catch (QueueUnavailableException e) {
            throw new IllegalStateException(e);
        }
    }

    static MessageId commit(Intake intake, String... recipients) {
        return begin(intake, "hello\r\n", submission(recipients)).toCompletableFuture().join();
    }

    static Settlement delivered(Job job) {
        return all(job, new Outcome.Delivered(OK), Optional.empty());
    }

    static Settlement deferred(Job job, Instant next) {
        return all(job, new Outcome.Deferred(LATER), Optional.of(next));
    }

    private static Settlement all(Job job, Outcome outcome, Optional<Instant> next) {
        return new Settlement(
                Collections.nCopies(job.envelope().recipients().size(), outcome),
                next,
                Optional.empty());
    }

    static Settlement bounced(Job job, Submission bounce, String body) {
        Outcome failed = new Outcome.Failed(Reply.of(550, "5.1.1", "unknown"));
        return new Settlement(
                Collections.nCopies(job.envelope().recipients().size(), failed),
                Optional.empty(),
                Optional.empty(),
                Set.of(),
                List.of(new Settlement.Report(bounce, ascii(body))));
    }

    static String text(Content content) {
        try (InputStream in = content.open()) {
            byte[] octets = in.readAllBytes();
            if (octets.length != content.size()) {
                throw new AssertionError(
                        "the content has " + octets.length + " octets and says " + content.size());
            }
            return new String(octets, US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Returns octets that tell their place.
    static byte[] pattern(int length, int seed) {
        byte[] octets = new byte[length];
        for (int i = 0; i < length; i++) {
            octets[i] = (byte) (i * 31 + (i >>> 8) + seed);
        }
        return octets;
    }
}
