package org.posthorn.queue.state;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// A message of which nothing is left but what can be brought back. Immutable.
///
/// @param message what it was
/// @param folded what the first format kept in the same record; nothing since
public record RemovedMessage(MessageRecord message, Optional<Folded> folded) {
    /// The format since each removed job is kept by itself. Before, they stood in this record, also
    /// where the message was still there.
    private static final int VERSION = 2;

    /// Makes one of the present format.
    public RemovedMessage(MessageRecord message) {
        this(message, Optional.empty());
    }

    /// What the first format kept of a message.
    ///
    /// @param until when all of it is gone for good
    /// @param jobs what was removed
    public record Folded(Instant until, List<Removed> jobs) {
        /// Copies the list.
        public Folded {
            jobs = List.copyOf(jobs);
        }

        /// Returns it as it is kept now.
        public Map<RemovedKey, RemovedJob> unfolded(MessageKey message) {
            Map<RemovedKey, RemovedJob> pieces = new TreeMap<>(RemovedKey.ORDER);
            Map<Integer, Integer> counts = new HashMap<>();
            for (Removed it : jobs) {
                int piece = counts.merge(it.number(), 1, Integer::sum) - 1;
                pieces.put(
                        new RemovedKey(new JobKey(message, it.number()), piece),
                        new RemovedJob(until, it.job()));
            }
            return pieces;
        }
    }

    /// A removed job of the first format.
    ///
    /// @param number which of the message's jobs
    /// @param job what it was
    public record Removed(int number, JobRecord job) {}

    /// Returns the record as it stands on disk, in the present format.
    public byte[] octets() {
        return new Encoder(256, VERSION).block(message.octets()).done();
    }

    /// Reads a record.
    ///
    /// @throws CorruptRecordException when it is none
    public static RemovedMessage of(byte[] octets) {
        return Decoder.read(
                "removed",
                VERSION,
                octets,
                from ->
                        from.since(VERSION)
                                ? new RemovedMessage(MessageRecord.of(from.block()))
                                : folded(from));
    }

    private static RemovedMessage folded(Decoder from) {
        Instant until = from.instant();
        MessageRecord message = MessageRecord.of(from.block());
        List<Removed> jobs =
                from.list(it -> new Removed(it.count(Integer.MAX_VALUE), JobRecord.of(it.block())));
        return new RemovedMessage(message, Optional.of(new Folded(until, jobs)));
    }
}
