package org.posthorn.server.transfer;

import static org.posthorn.server.log.UnsafeText.escaped;

import org.posthorn.api.delivery.Outcome;
import org.posthorn.api.mail.Domain;
import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.MessageId;
import org.posthorn.api.mail.Parameters;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.mail.ReversePath;
import org.posthorn.api.smtp.EnhancedStatus;
import org.posthorn.api.smtp.Reply;
import org.posthorn.queue.Destination;
import org.posthorn.queue.Mark;
import org.posthorn.queue.PortableMessage;
import org.posthorn.queue.PortableMessage.PortableJob;
import org.posthorn.queue.PortableMessage.Waiting;
import org.posthorn.queue.QueuedMessage.HistoryEntry;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Reads what [EnvelopeWriter] wrote, or an operator: every value is checked, what is unknown is
/// refused.
final class EnvelopeReader {
    private static final Pattern KEYWORD = Pattern.compile("[A-Za-z0-9][A-Za-z0-9-]{0,63}");

    /// What can stand behind a keyword of `MAIL` or `RCPT` (RFC 5321 §4.1.2, RFC 6531 §3.3).
    private static final Pattern VALUE = Pattern.compile("[^\\p{Cntrl} ]{0,2000}");

    private static final int LONGEST_ORDER = 200;

    private EnvelopeReader() {}

    /// What was read.
    ///
    /// @param size how many octets the content must have, where that is said
    record Read(PortableMessage message, OptionalLong size) {}

    /// Reads it.
    ///
    /// @throws IllegalArgumentException naming the field or the line, and what was expected
    static Read read(byte[] octets) {
        Fields fields = Fields.of(JsonTree.read(octets));
        fields.number("format", EnvelopeWriter.FORMAT, EnvelopeWriter.FORMAT);
        OptionalLong size =
                fields.has("size")
                        ? OptionalLong.of(fields.number("size", 0, Long.MAX_VALUE))
                        : OptionalLong.empty();
        MessageId id = parsed(fields, "id", MessageId::new);
        Envelope envelope =
                new Envelope(
                        parsed(fields, "sender", EnvelopeReader::sender),
                        parameters(fields),
                        fields.objects("recipients").stream()
                                .map(EnvelopeReader::recipient)
                                .toList());
        PortableMessage message =
                new PortableMessage(
                        id,
                        envelope,
                        fields.time("accepted"),
                        fields.map("metadata"),
                        fields.objects("jobs").stream().map(EnvelopeReader::job).toList());
        fields.end();
        return new Read(message, size);
    }

    private static <T> T parsed(Fields fields, String name, Function<String, T> parser) {
        String text = fields.text(name);
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException e) {
            throw fields.wrong(name, "'" + escaped(text) + "': " + e.getMessage());
        }
    }

    private static ReversePath sender(String text) {
        return text.isEmpty() ? ReversePath.NULL : ReversePath.of(Mailbox.parse(text));
    }

    private static Recipient recipient(Fields fields) {
        Recipient recipient =
                new Recipient(parsed(fields, "address", Mailbox::parse), parameters(fields));
        fields.end();
        return recipient;
    }

    private static Parameters parameters(Fields fields) {
        Map<String, String> values = fields.map("parameters");
        values.forEach(
                (keyword, value) -> {
                    if (!KEYWORD.matcher(keyword).matches() || !VALUE.matcher(value).matches()) {
                        throw fields.wrong(
                                "parameters." + escaped(keyword),
                                "expected a keyword and a value without blanks as in SMTP, not '"
                                        + escaped(value)
                                        + "'");
                    }
                });
        return values.isEmpty() ? Parameters.NONE : new Parameters(values);
    }

    private static PortableJob job(Fields fields) {
        PortableJob job =
                new PortableJob(
                        (int) fields.number("number", 0, 999_999),
                        new Destination(parsed(fields, "destination", Domain::parse)),
                        fields.time("due"),
                        (int) fields.number("attempts", 0, Integer.MAX_VALUE),
                        fields.maybeText("hold"),
                        fields.objects("waiting").stream().map(EnvelopeReader::waiting).toList(),
                        marks(fields),
                        order(fields, "route"),
                        order(fields, "bounce"),
                        fields.objects("history").stream().map(EnvelopeReader::event).toList());
        fields.end();
        return job;
    }

    private static Set<Mark> marks(Fields fields) {
        return fields.texts("marks").stream()
                .map(word -> mark(fields, word))
                .collect(Collectors.toSet());
    }

    private static Mark mark(Fields fields, String word) {
        return Stream.of(Mark.values())
                .filter(it -> EnvelopeWriter.word(it).equals(word))
                .findFirst()
                .orElseThrow(
                        () ->
                                fields.wrong(
                                        "marks",
                                        "'%s' is none of %s"
                                                .formatted(
                                                        escaped(word),
                                                        Stream.of(Mark.values())
                                                                .map(EnvelopeWriter::word)
                                                                .toList())));
    }

    /// What an operator wants ends in replies and configuration: as operators can say it.
    private static Optional<String> order(Fields fields, String name) {
        Optional<String> text = fields.maybeText(name);
        if (text.filter(it -> it.length() > LONGEST_ORDER || !escaped(it).equals(it)).isPresent()) {
            throw fields.wrong(
                    name,
                    "expected at most " + LONGEST_ORDER + " characters, no control characters");
        }
        return text;
    }

    private static Waiting waiting(Fields fields) {
        int recipient = (int) fields.number("recipient", 0, Integer.MAX_VALUE);
        Optional<Outcome> last =
                fields.has("last") ? Optional.of(outcome(fields.object("last"))) : Optional.empty();
        fields.end();
        return new Waiting(recipient, last);
    }

    private static Outcome outcome(Fields fields) {
        String kind = fields.text("outcome");
        Reply reply = reply(fields);
        fields.end();
        return switch (kind) {
            case "delivered" -> new Outcome.Delivered(reply);
            case "deferred" -> new Outcome.Deferred(reply);
            case "failed" -> new Outcome.Failed(reply);
            default ->
                    throw fields.wrong(
                            "outcome",
                            "expected delivered, deferred or failed, not '" + escaped(kind) + "'");
        };
    }

    private static Reply reply(Fields fields) {
        int code = (int) fields.number("code", 200, 599);
        Optional<EnhancedStatus> status =
                fields.maybeText("status")
                        .map(
                                it ->
                                        EnhancedStatus.parse(it)
                                                .orElseThrow(
                                                        () ->
                                                                fields.wrong(
                                                                        "status",
                                                                        "expected such as 4.7.1, not '"
                                                                                + escaped(it)
                                                                                + "'")));
        List<String> lines = fields.texts("lines");
        try {
            return new Reply(code, status, lines);
        } catch (IllegalArgumentException e) {
            throw fields.wrong("lines", String.valueOf(e.getMessage()));
        }
    }

    private static HistoryEntry event(Fields fields) {
        HistoryEntry event =
                new HistoryEntry(fields.time("at"), fields.text("by"), fields.text("text"));
        fields.end();
        return event;
    }
}
