package org.posthorn.queue.state;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// What was deleted or bounced of a message, kept for a while to be brought back. The message's
/// content stays as long as this does. Immutable.
///
/// @param until when it is gone for good, to the millisecond
/// @param message the message, which may be gone from its own table
/// @param jobs what was removed
public record RemovedRecord(Instant until, MessageRecord message, List<Removed> jobs) {

    /// Copies the list.
    public RemovedRecord {
        jobs = List.copyOf(jobs);
    }

    /// A removed job.
    ///
    /// @param number which of the message's jobs
    /// @param job what it was, with its removed recipients; its last note says who removed it
    public record Removed(int number, JobRecord job) {}

    /// Returns this with more jobs, and a later end.
    public RemovedRecord and(Instant later, List<Removed> more) {
        List<Removed> all = new ArrayList<>(jobs);
        all.addAll(more);
        return new RemovedRecord(later.isAfter(until) ? later : until, message, all);
    }

    /// Returns the record as it stands on disk.
    public byte[] octets() {
        return new Encoder(512)
                .instant(until)
                .block(message.octets())
                .list(jobs, (to, it) -> to.number(it.number()).block(it.job().octets()))
                .done();
    }

    /// Reads a record.
    ///
    /// @throws CorruptRecordException when it is none
    public static RemovedRecord of(byte[] octets) {
        return Decoder.read(
                "removed",
                octets,
                from ->
                        new RemovedRecord(
                                from.instant(),
                                MessageRecord.of(from.block()),
                                from.list(
                                        it ->
                                                new Removed(
                                                        it.count(Integer.MAX_VALUE),
                                                        JobRecord.of(it.block())))));
    }
}
