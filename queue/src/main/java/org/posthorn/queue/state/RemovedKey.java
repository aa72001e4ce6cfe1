package org.posthorn.queue.state;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Comparator;

/// Where something is kept that was deleted or bounced: what was removed of a job at once is a
/// piece. Immutable.
///
/// @param job which job
/// @param piece which of the pieces that were removed of it, from 0
public record RemovedKey(JobKey job, int piece) {
    /// The octets of a key.
    public static final int LENGTH = JobKey.LENGTH + 4;

    /// By place in the table.
    public static final Comparator<RemovedKey> ORDER =
            Comparator.comparing(RemovedKey::octets, Arrays::compareUnsigned);

    /// Returns the key's octets; a message's pieces stand together behind the message's own key.
    public byte[] octets() {
        byte[] octets = new byte[LENGTH];
        write(ByteBuffer.wrap(octets));
        return octets;
    }

    void write(ByteBuffer to) {
        job.write(to);
        to.putInt(piece);
    }

    static RemovedKey read(ByteBuffer from) {
        Decoder.check(from.remaining() >= LENGTH, "a key is too short");
        return new RemovedKey(JobKey.read(from), from.getInt());
    }

    /// Reads a key of exactly 20 octets.
    ///
    /// @throws CorruptRecordException when there are more or fewer
    public static RemovedKey of(byte[] octets) {
        Decoder.check(octets.length == LENGTH, "a key of a removed job has 20 octets");
        return read(ByteBuffer.wrap(octets));
    }

    @Override
    public String toString() {
        return job.toString();
    }
}
