package org.posthorn.queue.state;

import org.posthorn.api.mail.MessageId;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/// Where a message stands in the log. Its text is the message's id: 20 letters and digits that sort
/// as the keys do. Immutable.
///
/// @param partition which partition, 0 to 65,535
/// @param position its place in the partition, below 2^48: never used twice
/// @param random makes ids hard to guess
public record MessageKey(int partition, long position, int random)
        implements Comparable<MessageKey> {
    /// The octets of a key.
    public static final int LENGTH = 12;

    private static final String DIGITS = "0123456789abcdefghjkmnpqrstvwxyz";
    private static final int TEXT_LENGTH = 20;

    /// Checks the ranges.
    ///
    /// @throws IllegalArgumentException when a part is out of its range
    public MessageKey {
        if (partition >>> 16 != 0 || position >>> 48 != 0) {
            throw new IllegalArgumentException(
                    "a message key is out of range: " + partition + ", " + position);
        }
    }

    /// Returns the key's octets; they sort by partition, then position.
    public byte[] octets() {
        byte[] octets = new byte[LENGTH];
        write(ByteBuffer.wrap(octets));
        return octets;
    }

    void write(ByteBuffer to) {
        to.putShort((short) partition)
                .putShort((short) (position >>> 32))
                .putInt((int) position)
                .putInt(random);
    }

    /// Reads a key from the octets at a buffer's position.
    ///
    /// @throws CorruptRecordException when there are too few
    static MessageKey read(ByteBuffer from) {
        Decoder.check(from.remaining() >= LENGTH, "a key is too short");
        int partition = from.getShort() & 0xffff;
        long high = from.getShort() & 0xffffL;
        return new MessageKey(partition, high << 32 | from.getInt() & 0xffffffffL, from.getInt());
    }

    /// Reads a key of exactly 12 octets.
    ///
    /// @throws CorruptRecordException when there are more or fewer
    public static MessageKey of(byte[] octets) {
        Decoder.check(octets.length == LENGTH, "a message key has 12 octets");
        return read(ByteBuffer.wrap(octets));
    }

    /// Returns the message id.
    public MessageId id() {
        byte[] octets = octets();
        char[] text = new char[TEXT_LENGTH];
        for (int i = 0; i < TEXT_LENGTH; i++) {
            text[i] = DIGITS.charAt(fiveBits(octets, i * 5));
        }
        return new MessageId(new String(text));
    }

    private static int fiveBits(byte[] octets, int bit) {
        int at = bit / 8;
        int pair = (octets[at] & 0xff) << 8 | (at + 1 < octets.length ? octets[at + 1] & 0xff : 0);
        return pair >>> 11 - bit % 8 & 0x1f;
    }

    /// Finds the key in a message id; nothing when the id was not made here.
    public static Optional<MessageKey> of(MessageId id) {
        if (id.text().length() != TEXT_LENGTH) {
            return Optional.empty();
        }
        byte[] octets = new byte[LENGTH + 1];
        for (int i = 0; i < TEXT_LENGTH; i++) {
            int digit = DIGITS.indexOf(id.text().charAt(i));
            if (digit < 0) {
                return Optional.empty();
            }
            int shifted = digit << 11 - i * 5 % 8;
            octets[i * 5 / 8] |= (byte) (shifted >>> 8);
            octets[i * 5 / 8 + 1] |= (byte) shifted;
        }
        return octets[LENGTH] == 0
                ? Optional.of(of(Arrays.copyOf(octets, LENGTH)))
                : Optional.empty();
    }

    @Override
    public int compareTo(MessageKey other) {
        return Arrays.compareUnsigned(octets(), other.octets());
    }

    @Override
    public String toString() {
        return id().text();
    }
}
