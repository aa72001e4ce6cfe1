package org.posthorn.queue.state;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// Reads one record that [Encoder] wrote. Whatever the octets are, it ends with the record or a
/// [CorruptRecordException].
final class Decoder {
    /// The format that records begin with.
    static final int FIRST = 1;

    private final byte[] octets;
    private int version = FIRST;
    private int at;

    private Decoder(byte[] octets) {
        this.octets = octets;
    }

    /// Reads a whole record of the first format, and nothing behind it.
    ///
    /// @throws CorruptRecordException when the octets are none, or values break the rules of their
    /// types
    static <T> T read(String what, byte[] octets, Function<Decoder, T> reader) {
        return read(what, FIRST, octets, reader);
    }

    /// Reads a whole record, and nothing behind it.
    ///
    /// @param newest the latest format that is known; the reader asks [#since] which one it is
    /// @throws CorruptRecordException when the octets are none, or values break the rules of their
    /// types
    static <T> T read(String what, int newest, byte[] octets, Function<Decoder, T> reader) {
        try {
            Decoder decoder = new Decoder(octets);
            int version = decoder.octet();
            check(
                    version >= FIRST && version <= newest,
                    "format version " + version + " is not known here");
            decoder.version = version;
            T record = reader.apply(decoder);
            check(decoder.at == octets.length, "octets follow its end");
            return record;
        } catch (CorruptRecordException e) {
            throw new CorruptRecordException(what + " record is corrupt: " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new CorruptRecordException(
                    what + " record is corrupt: a value in it is not allowed", e);
        }
    }

    /// Tells whether the record has what its format has since a version.
    boolean since(int earliest) {
        return version >= earliest;
    }

    int octet() {
        check(at < octets.length, "it ends too early");
        return octets[at++] & 0xff;
    }

    long number() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            int next = octet();
            value |= (next & 0x7fL) << shift;
            if (next < 0x80) {
                return value;
            }
        }
        throw new CorruptRecordException("a number has too many octets");
    }

    /// Reads a number from 0 to a bound.
    int count(int most) {
        long value = number();
        check(value >= 0 && value <= most, "a count is out of range");
        return (int) value;
    }

    /// Reads how many octets or items follow: no more than octets are left.
    private int length() {
        int length = count(Integer.MAX_VALUE);
        check(length <= octets.length - at, "it ends too early");
        return length;
    }

    Instant instant() {
        return Instant.ofEpochMilli(number());
    }

    String text() {
        int length = length();
        String value = new String(octets, at, length, StandardCharsets.UTF_8);
        at += length;
        return value;
    }

    byte[] block() {
        int length = length();
        byte[] value = Arrays.copyOfRange(octets, at, at + length);
        at += length;
        return value;
    }

    <T> Optional<T> optional(Function<Decoder, T> reader) {
        int present = octet();
        check(present <= 1, "a presence mark is neither 0 nor 1");
        return present == 1 ? Optional.of(reader.apply(this)) : Optional.empty();
    }

    <T> List<T> list(Function<Decoder, T> reader) {
        int size = length();
        List<T> values = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            values.add(reader.apply(this));
        }
        return values;
    }

    Map<String, String> map() {
        int size = length();
        Map<String, String> values = LinkedHashMap.newLinkedHashMap(size);
        for (int i = 0; i < size; i++) {
            values.put(text(), text());
        }
        return values;
    }

    static void check(boolean holds, String problem) {
        if (!holds) {
            throw new CorruptRecordException(problem);
        }
    }
}
