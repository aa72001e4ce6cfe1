package org.posthorn.queue.state;

import org.posthorn.api.mail.Domain;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;

/// Keys of the derived indexes: jobs by due time, and parked jobs by turn, those of a
/// destination or of a source together.
public final class IndexKey {
    private static final String SOURCE = "\u0001";
    private static final int TAIL = Long.BYTES + JobKey.LENGTH;

    private IndexKey() {}

    /// An entry of an index.
    ///
    /// @param due when
    /// @param job which
    public record Due(Instant due, JobKey job) {}

    /// Returns the key of a job in the due index.
    public static byte[] due(Instant due, JobKey job) {
        byte[] octets = new byte[TAIL];
        write(ByteBuffer.wrap(octets), due, job);
        return octets;
    }

    /// Returns the first key in the due index of jobs that are due later.
    public static byte[] after(Instant due) {
        return ByteBuffer.allocate(Long.BYTES).putLong(due.toEpochMilli() + 1).array();
    }

    /// Reads a key of the due index.
    ///
    /// @throws CorruptRecordException when it is none
    public static Due due(byte[] key) {
        Decoder.check(key.length == TAIL, "a key of the due index has 24 octets");
        return read(ByteBuffer.wrap(key));
    }

    /// Returns the group of a destination's parked jobs.
    public static String group(Domain destination) {
        return destination.toString();
    }

    /// Returns the group of a source's parked jobs. No domain begins like this.
    public static String group(String source) {
        return SOURCE + source.replace('\0', ' ');
    }

    /// Tells whether a group is a source's.
    public static boolean isOfSource(String group) {
        return group.startsWith(SOURCE);
    }

    /// Returns the key of a parked job.
    ///
    /// @param group with which others it waits
    /// @param turn its place among those
    public static byte[] parked(String group, Instant turn, JobKey job) {
        byte[] prefix = parked(group);
        byte[] octets = Arrays.copyOf(prefix, prefix.length + TAIL);
        write(ByteBuffer.wrap(octets, prefix.length, TAIL), turn, job);
        return octets;
    }

    /// Returns what the keys of all of a group's parked jobs begin with. Names have no octet 0, so
    /// no group hides in another.
    public static byte[] parked(String group) {
        byte[] text = group.getBytes(StandardCharsets.UTF_8);
        return Arrays.copyOf(text, text.length + 1);
    }

    /// Returns the first key behind all that begin with a prefix that ends with an octet 0.
    public static byte[] behind(byte[] prefix) {
        byte[] next = prefix.clone();
        next[next.length - 1] = 1;
        return next;
    }

    /// Reads the group from the key of a parked job.
    ///
    /// @throws CorruptRecordException when it is none
    public static String group(byte[] key) {
        int length = key.length - TAIL - 1;
        Decoder.check(length > 0 && key[length] == 0, "a key of the parked index has no group");
        return new String(key, 0, length, StandardCharsets.UTF_8);
    }

    /// Reads turn and job from the key of a parked job.
    ///
    /// @throws CorruptRecordException when it is none
    public static Due parkedDue(byte[] key) {
        Decoder.check(key.length > TAIL, "a key of the parked index is too short");
        return read(ByteBuffer.wrap(key, key.length - TAIL, TAIL));
    }

    /// Reads a key of the index of what was removed.
    ///
    /// @throws CorruptRecordException when it is none
    public static Fading fading(byte[] key) {
        Decoder.check(
                key.length == Fading.LENGTH,
                "a key of the index of removed jobs has " + Fading.LENGTH + " octets");
        ByteBuffer from = ByteBuffer.wrap(key);
        return new Fading(Instant.ofEpochMilli(from.getLong()), RemovedKey.read(from));
    }

    /// An entry of the index of what was removed.
    ///
    /// @param until when it is gone for good
    /// @param removed which
    public record Fading(Instant until, RemovedKey removed) {
        /// The octets of a key.
        public static final int LENGTH = Long.BYTES + RemovedKey.LENGTH;

        /// Returns the message of which it was removed.
        public MessageKey message() {
            return removed.job().message();
        }

        /// Returns the key's octets; they sort by time.
        public byte[] octets() {
            ByteBuffer to = ByteBuffer.allocate(LENGTH);
            removed.write(to.putLong(until.toEpochMilli()));
            return to.array();
        }
    }

    /// Returns the key that the first format had for all that was removed of a message.
    public static byte[] folded(Instant until, MessageKey message) {
        ByteBuffer to = ByteBuffer.allocate(Long.BYTES + MessageKey.LENGTH);
        message.write(to.putLong(until.toEpochMilli()));
        return to.array();
    }

    static Domain domain(String text) {
        try {
            return Domain.parse(text);
        } catch (IllegalArgumentException e) {
            throw new CorruptRecordException("a destination is not a domain", e);
        }
    }

    private static void write(ByteBuffer to, Instant due, JobKey job) {
        to.putLong(due.toEpochMilli());
        job.write(to);
    }

    private static Due read(ByteBuffer from) {
        return new Due(Instant.ofEpochMilli(from.getLong()), JobKey.read(from));
    }
}
