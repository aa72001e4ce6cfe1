package org.posthorn.queue;

import org.posthorn.api.mail.Content;
import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.MessageId;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// One message to one destination: what is scheduled, attempted and settled. Immutable.
///
/// @param message the message
/// @param number which of the message's jobs, from 0
/// @param destination where it goes
/// @param envelope the message's sender and parameters, with this job's waiting recipients only
/// @param content the message's content
/// @param metadata the message's facts
/// @param acceptedAt when the message was committed
/// @param due when this job fell due
/// @param attempts how many attempts were settled before
/// @param marks what else is remembered of it
/// @param route where an operator sends it instead of where the route table says
/// @param bounce why an operator wants it returned to its sender
public record Job(
        MessageId message,
        int number,
        Destination destination,
        Envelope envelope,
        Content content,
        Map<String, String> metadata,
        Instant acceptedAt,
        Instant due,
        int attempts,
        Set<Mark> marks,
        Optional<String> route,
        Optional<String> bounce) {

    /// Copies the collections.
    public Job {
        metadata = Map.copyOf(metadata);
        marks = Set.copyOf(marks);
    }

    /// Returns this job with another envelope: one with some of its recipients.
    public Job with(Envelope part) {
        return new Job(
                message,
                number,
                destination,
                part,
                content,
                metadata,
                acceptedAt,
                due,
                attempts,
                marks,
                route,
                bounce);
    }

    /// Returns `MESSAGE/NUMBER`, as it stands in logs.
    @Override
    public String toString() {
        return message + "/" + number;
    }

    /// Returns the job with its content by another way.
    public Job with(Content other) {
        return new Job(
                message,
                number,
                destination,
                envelope,
                other,
                metadata,
                acceptedAt,
                due,
                attempts,
                marks,
                route,
                bounce);
    }

    /// Tells whether these are the same job, however far it has got.
    public boolean sameAs(Job other) {
        return message.equals(other.message) && number == other.number;
    }
}
