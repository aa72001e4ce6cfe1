package org.posthorn.api.intake;

import org.posthorn.api.mail.Envelope;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/// All that a draft lacks to be a message. Immutable.
///
/// @param envelope from whom, for whom; at least one recipient
/// @param header the header section, or the first octets of it: put before all that was written to
/// the draft
/// @param hold why the message must wait until an operator releases it, or nothing
/// @param metadata facts that travel with the message: of its session (`client`, `client-port`,
/// `helo`, `protocol`, `listener`, …), what a trusted peer told of its origin by `XFORWARD`
/// (`forwarded-addr`, …), and what plugins add
/// @param notBefore when it is due for the first time; nothing for at once
public record Submission(
        Envelope envelope,
        ByteBuffer header,
        Optional<String> hold,
        Map<String, String> metadata,
        Optional<Instant> notBefore) {

    /// Copies what could change.
    ///
    /// @throws IllegalArgumentException when there is no recipient
    public Submission {
        if (!envelope.hasRecipients()) {
            throw new IllegalArgumentException("a message has at least one recipient");
        }
        header = header.asReadOnlyBuffer();
        metadata = Map.copyOf(metadata);
    }

    /// Makes a submission that is due at once.
    ///
    /// @throws IllegalArgumentException when there is no recipient
    public Submission(
            Envelope envelope,
            ByteBuffer header,
            Optional<String> hold,
            Map<String, String> metadata) {
        this(envelope, header, hold, metadata, Optional.empty());
    }

    /// Makes a submission without hold and metadata.
    public static Submission of(Envelope envelope, ByteBuffer header) {
        return new Submission(envelope, header, Optional.empty(), Map.of());
    }

    /// Returns this submission, to be held.
    ///
    /// @param reason what an operator reads
    public Submission held(String reason) {
        return new Submission(envelope, header, Optional.of(reason), metadata, notBefore);
    }

    /// Returns a view of the header section; its position is the caller's own.
    @Override
    public ByteBuffer header() {
        return header.duplicate();
    }
}
