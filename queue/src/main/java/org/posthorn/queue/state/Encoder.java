package org.posthorn.queue.state;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/// Writes one record: the format version, then fields without names. [Decoder] reads the same in
/// the same order.
final class Encoder {
    private byte[] octets;
    private int length;

    /// Begins a record in the first format.
    Encoder(int capacity) {
        this(capacity, Decoder.FIRST);
    }

    /// Begins a record.
    ///
    /// @param version of its format
    Encoder(int capacity, int version) {
        octets = new byte[Math.max(16, capacity)];
        octet(version);
    }

    Encoder octet(int value) {
        room(1);
        octets[length++] = (byte) value;
        return this;
    }

    /// Writes a number of any size, 7 bits an octet, small ones short.
    Encoder number(long value) {
        room(10);
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            octets[length++] = (byte) (rest & 0x7f | 0x80);
            rest >>>= 7;
        }
        octets[length++] = (byte) rest;
        return this;
    }

    Encoder instant(Instant value) {
        return number(value.toEpochMilli());
    }

    Encoder text(String value) {
        return block(value.getBytes(StandardCharsets.UTF_8));
    }

    Encoder block(byte[] value) {
        number(value.length);
        room(value.length);
        System.arraycopy(value, 0, octets, length, value.length);
        length += value.length;
        return this;
    }

    <T> Encoder optional(Optional<T> value, BiConsumer<Encoder, T> write) {
        octet(value.isPresent() ? 1 : 0);
        value.ifPresent(it -> write.accept(this, it));
        return this;
    }

    <T> Encoder list(List<T> values, BiConsumer<Encoder, T> write) {
        number(values.size());
        values.forEach(it -> write.accept(this, it));
        return this;
    }

    Encoder map(Map<String, String> values) {
        number(values.size());
        values.forEach((key, value) -> text(key).text(value));
        return this;
    }

    byte[] done() {
        return Arrays.copyOf(octets, length);
    }

    private void room(int more) {
        if (octets.length - length < more) {
            octets = Arrays.copyOf(octets, Math.max(octets.length * 2, length + more));
        }
    }
}
