package org.posthorn.queue.state;

import java.nio.ByteBuffer;

/// Which job of which message. Immutable.
///
/// @param message the message
/// @param number which of its jobs, from 0
public record JobKey(MessageKey message, int number) {
    /// The octets of a key.
    public static final int LENGTH = MessageKey.LENGTH + 4;

    /// Returns the key's octets; a message's jobs stand together, in order.
    public byte[] octets() {
        byte[] octets = new byte[LENGTH];
        write(ByteBuffer.wrap(octets));
        return octets;
    }

    void write(ByteBuffer to) {
        message.write(to);
        to.putInt(number);
    }

    static JobKey read(ByteBuffer from) {
        Decoder.check(from.remaining() >= LENGTH, "a key is too short");
        return new JobKey(MessageKey.read(from), from.getInt());
    }

    /// Reads a key of exactly 16 octets.
    ///
    /// @throws CorruptRecordException when there are more or fewer
    public static JobKey of(byte[] octets) {
        Decoder.check(octets.length == LENGTH, "a job key has 16 octets");
        return read(ByteBuffer.wrap(octets));
    }

    @Override
    public String toString() {
        return message + "/" + number;
    }
}
