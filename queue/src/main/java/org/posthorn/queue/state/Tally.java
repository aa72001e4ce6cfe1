package org.posthorn.queue.state;

import java.nio.ByteBuffer;
import java.util.Optional;

/// How much there is, or by how much that changes. Immutable.
///
/// @param messages messages
/// @param jobs jobs, in whatever state
/// @param held jobs waiting for an operator
/// @param octets content's octets, also of removed messages
/// @param removed content's octets of messages that are kept only to be brought back
public record Tally(long messages, long jobs, long held, long octets, long removed) {
    /// Nothing.
    public static final Tally ZERO = new Tally(0, 0, 0, 0, 0);

    /// The format since removed messages are kept.
    private static final int VERSION = 2;

    /// Adds another.
    public Tally plus(Tally other) {
        return new Tally(
                messages + other.messages,
                jobs + other.jobs,
                held + other.held,
                octets + other.octets,
                removed + other.removed);
    }

    /// Returns the tally and the next free position of a partition as they stand on disk.
    public byte[] octets(long nextPosition) {
        return new Encoder(48, VERSION)
                .number(nextPosition)
                .number(messages)
                .number(jobs)
                .number(held)
                .number(octets)
                .number(removed)
                .done();
    }

    /// A partition's counters.
    ///
    /// @param nextPosition the first position that was never used
    /// @param tally how much there is
    public record Stored(long nextPosition, Tally tally) {
        private static final byte MARK = 'p';
        private static final int LENGTH = 5;

        /// Returns the key of a partition's counters.
        public static byte[] key(int partition) {
            return ByteBuffer.allocate(LENGTH).put(MARK).putInt(partition).array();
        }

        /// Returns whose counters stand at a key; nothing when others stand there.
        public static Optional<Integer> partition(byte[] key) {
            return key.length == LENGTH && key[0] == MARK
                    ? Optional.of(ByteBuffer.wrap(key).getInt(1))
                    : Optional.empty();
        }

        /// Reads counters.
        ///
        /// @throws CorruptRecordException when they are none
        public static Stored of(byte[] octets) {
            return Decoder.read(
                    "counter",
                    VERSION,
                    octets,
                    from ->
                            new Stored(
                                    from.number(),
                                    new Tally(
                                            from.number(),
                                            from.number(),
                                            from.number(),
                                            from.number(),
                                            from.since(VERSION) ? from.number() : 0)));
        }
    }
}
