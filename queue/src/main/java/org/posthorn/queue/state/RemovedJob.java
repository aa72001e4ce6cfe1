package org.posthorn.queue.state;

import java.time.Instant;

/// What was deleted or bounced of a job, kept for a while to be brought back. The message's content
/// stays as long as this does. Immutable.
///
/// @param until when it is gone for good, to the millisecond
/// @param job what it was, with its removed recipients; its last note says who removed it
public record RemovedJob(Instant until, JobRecord job) {

    /// Returns the record as it stands on disk.
    public byte[] octets() {
        return new Encoder(256).instant(until).block(job.octets()).done();
    }

    /// Reads a record.
    ///
    /// @throws CorruptRecordException when it is none
    public static RemovedJob of(byte[] octets) {
        return Decoder.read(
                "removed job",
                octets,
                from -> new RemovedJob(from.instant(), JobRecord.of(from.block())));
    }
}
