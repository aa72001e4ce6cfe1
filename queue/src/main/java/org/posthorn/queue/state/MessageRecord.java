package org.posthorn.queue.state;

import org.posthorn.api.mail.Domain;
import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.Parameters;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.mail.ReversePath;

import java.time.Instant;
import java.util.Map;

/// What hardly changes about a message while it is in the queue. Immutable.
///
/// @param envelope the envelope it was committed with
/// @param acceptedAt when, to the millisecond
/// @param metadata its facts
/// @param content where its content is
/// @param jobs how many jobs it has had
public record MessageRecord(
        Envelope envelope,
        Instant acceptedAt,
        Map<String, String> metadata,
        ContentRef content,
        int jobs) {

    /// Copies the map.
    public MessageRecord {
        metadata = Map.copyOf(metadata);
    }

    /// Returns this with another number of jobs.
    public MessageRecord having(int number) {
        return new MessageRecord(envelope, acceptedAt, metadata, content, number);
    }

    /// Returns the record as it stands on disk.
    public byte[] octets() {
        Encoder to = new Encoder(256).instant(acceptedAt).number(jobs);
        content(to);
        to.optional(envelope.sender().mailbox(), MessageRecord::mailbox);
        to.map(envelope.parameters().values());
        to.list(
                envelope.recipients(),
                (_, recipient) -> {
                    mailbox(to, recipient.mailbox());
                    to.map(recipient.parameters().values());
                });
        return to.map(metadata).done();
    }

    /// Reads a record.
    ///
    /// @throws CorruptRecordException when it is none
    public static MessageRecord of(byte[] octets) {
        return Decoder.read(
                "message",
                octets,
                from -> {
                    Instant acceptedAt = from.instant();
                    int jobs = from.count(Integer.MAX_VALUE);
                    ContentRef content = content(from);
                    ReversePath sender =
                            from.optional(MessageRecord::mailbox)
                                    .map(ReversePath::of)
                                    .orElse(ReversePath.NULL);
                    Parameters parameters = parameters(from);
                    Envelope envelope =
                            new Envelope(
                                    sender,
                                    parameters,
                                    from.list(it -> new Recipient(mailbox(it), parameters(it))));
                    return new MessageRecord(envelope, acceptedAt, from.map(), content, jobs);
                });
    }

    private void content(Encoder to) {
        MessageKey place = content.place();
        to.number(place.partition()).number(place.position()).number(place.random());
        to.number(content.size()).number(content.first()).number(content.end());
    }

    private static ContentRef content(Decoder from) {
        MessageKey place = new MessageKey(from.count(0xffff), from.number(), (int) from.number());
        return new ContentRef(
                place, from.number(), from.count(Integer.MAX_VALUE), from.count(Integer.MAX_VALUE));
    }

    private static void mailbox(Encoder to, Mailbox mailbox) {
        to.text(mailbox.localPart()).text(mailbox.domain().toString());
    }

    private static Mailbox mailbox(Decoder from) {
        return new Mailbox(from.text(), Domain.parse(from.text()));
    }

    private static Parameters parameters(Decoder from) {
        Map<String, String> values = from.map();
        return values.isEmpty() ? Parameters.NONE : new Parameters(values);
    }
}
