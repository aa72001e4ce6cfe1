package org.posthorn.queue.state;

import org.posthorn.api.mail.Domain;
import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.Priority;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/// A message on its way into the log, before it has a position. Immutable.
///
/// @param envelope from whom, for whom
/// @param acceptedAt when, to the millisecond
/// @param due when its jobs are due for the first time, to the millisecond
/// @param metadata its facts
/// @param hold why its jobs wait for an operator, if they do
/// @param body its content
public record Entry(
        Envelope envelope,
        Instant acceptedAt,
        Instant due,
        Map<String, String> metadata,
        Optional<String> hold,
        Body body) {
    /// Under this name, a message's facts say to which tenant it belongs.
    public static final String TENANT = "tenant";

    private static final String AUTHENTICATED = "authenticated";

    /// A message's content.
    public sealed interface Body {
        /// Returns where the content stands once the message has its position.
        default ContentRef content(MessageKey key) {
            return switch (this) {
                case Whole(byte[] octets) -> new ContentRef(key, octets.length, 0, 1);
                case Streamed(byte[] header, ContentRef rest) ->
                        new ContentRef(rest.place(), header.length + rest.size(), 0, rest.end());
            };
        }

        /// Small content, in the same record of the log.
        ///
        /// @param octets header section and body, which the record now owns
        @SuppressWarnings("ArrayRecordComponent")
        record Whole(byte[] octets) implements Body {}

        /// Large content, which was streamed before.
        ///
        /// @param header the header section, which the record now owns
        /// @param rest what was streamed, from chunk 1
        @SuppressWarnings("ArrayRecordComponent")
        record Streamed(byte[] header, ContentRef rest) implements Body {}
    }

    /// Returns where the content stands once the message has its position.
    public ContentRef content(MessageKey key) {
        return body.content(key);
    }

    /// Returns the jobs that the message begins with, one per destination, in the order in which
    /// the envelope first names them.
    public List<JobRecord> jobs() {
        Map<Domain, List<JobRecord.Waiting>> groups = new LinkedHashMap<>();
        for (int i = 0; i < envelope.recipients().size(); i++) {
            groups.computeIfAbsent(
                            envelope.recipients().get(i).mailbox().domain(),
                            _ -> new ArrayList<>(1))
                    .add(new JobRecord.Waiting(i, Optional.empty()));
        }
        int priority = Priority.of(envelope.parameters());
        String source = source(envelope, metadata);
        List<JobRecord> jobs = new ArrayList<>(groups.size());
        groups.forEach(
                (destination, waiting) ->
                        jobs.add(new JobRecord(destination, due, hold, waiting, priority, source)));
        return jobs;
    }

    /// Returns who answers for the message: the tenant that a plugin found, or who has logged in,
    /// or the sender; nobody for reports, which have none.
    public static String source(Envelope envelope, Map<String, String> metadata) {
        return Stream.of(TENANT, AUTHENTICATED)
                .map(metadata::get)
                .filter(Objects::nonNull)
                .findFirst()
                .or(() -> envelope.sender().mailbox().map(Mailbox::toString))
                .orElse("");
    }
}
