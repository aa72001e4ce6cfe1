package org.posthorn.server.transfer;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import java.util.Optional;

/// Reads the headers of a tar archive (ustar, and what pax adds of names and sizes), and leaves the
/// files where they are. Whatever the octets are, it ends with a file, the end, or an exception; a
/// file is never beyond the archive. For one thread.
final class TarReader {
    private static final int BLOCK = TarWriter.BLOCK;
    private static final int LONGEST_PAX = 64 << 10;

    private final FileChannel from;
    private final long end;
    private long next;

    TarReader(FileChannel from) throws IOException {
        this.from = from;
        this.end = from.size();
    }

    /// An entry.
    ///
    /// @param name what it is called, whatever that is
    /// @param kind what it is: `0` is a file, `5` a directory
    /// @param offset where its octets begin
    /// @param size how many
    record Entry(String name, char kind, long offset, long size) {
        boolean isFile() {
            return kind == '0' || kind == '\0';
        }

        boolean isDirectory() {
            return kind == '5';
        }

        private boolean isPax() {
            return kind == 'x' || kind == 'g';
        }
    }

    /// Returns the next entry, or nothing at the end.
    ///
    /// @throws IOException when there is none, and nothing that follows can be found: the message
    /// says where
    Optional<Entry> next() throws IOException {
        String facts = "";
        Optional<Entry> entry = header();
        while (entry.isPresent() && entry.get().isPax()) {
            Entry pax = entry.get();
            checkEnd(pax);
            facts = pax.kind() == 'x' ? facts(pax) : facts;
            next = behind(pax);
            entry = header();
        }
        if (entry.isEmpty()) {
            return entry;
        }
        Entry plain = entry.get();
        Optional<String> size = value(facts, "size");
        Entry whole =
                new Entry(
                        value(facts, "path").orElse(plain.name()),
                        plain.kind(),
                        plain.offset(),
                        size.isPresent() ? number(size.get(), next, 10) : plain.size());
        checkEnd(whole);
        next = behind(whole);
        return Optional.of(whole);
    }

    private static long behind(Entry entry) {
        return entry.offset() + (entry.size() + BLOCK - 1) / BLOCK * BLOCK;
    }

    private void checkEnd(Entry entry) throws IOException {
        if (entry.size() < 0 || entry.size() > end - entry.offset()) {
            throw new IOException(
                    "the archive ends within %s, of %d octets: it was cut"
                            .formatted(entry.name(), entry.size()));
        }
    }

    private Optional<Entry> header() throws IOException {
        long at = next;
        byte[] header = read(at, BLOCK);
        if (isZero(header)) {
            return Optional.empty();
        }
        if (number(text(header, TarWriter.CHECKSUM, 8).strip(), at, 8) != TarWriter.checksum(header)
                || !text(header, TarWriter.MAGIC_AT, 6).startsWith("ustar")) {
            throw damaged(at, "expected the header of a file");
        }
        String prefix = text(header, 345, 155);
        String name = text(header, 0, 100);
        next = at + BLOCK;
        return Optional.of(
                new Entry(
                        prefix.isEmpty() ? name : prefix + "/" + name,
                        (char) (header[156] & 0xff),
                        at + BLOCK,
                        number(text(header, 124, 12).strip(), at, 8)));
    }

    private byte[] read(long at, int length) throws IOException {
        byte[] octets = new byte[length];
        ByteBuffer to = ByteBuffer.wrap(octets);
        while (to.hasRemaining()) {
            if (from.read(to, at + to.position()) < 0) {
                throw new IOException(
                        "the archive ends at octet " + end + " without its end: it was cut");
            }
        }
        return octets;
    }

    private static boolean isZero(byte[] header) {
        return Arrays.equals(header, new byte[BLOCK]);
    }

    private String facts(Entry entry) throws IOException {
        if (entry.size() > LONGEST_PAX) {
            throw damaged(entry.offset(), "expected at most " + LONGEST_PAX + " octets of facts");
        }
        return new String(read(entry.offset(), (int) entry.size()), UTF_8);
    }

    /// Finds a fact in lines of the form `LENGTH NAME=VALUE`.
    private static Optional<String> value(String facts, String name) {
        return facts.lines()
                .map(line -> line.substring(line.indexOf(' ') + 1))
                .filter(line -> line.startsWith(name + "="))
                .map(line -> line.substring(name.length() + 1))
                .reduce((_, last) -> last);
    }

    private static String text(byte[] header, int at, int length) {
        int end = at;
        while (end < at + length && header[end] != 0) {
            end++;
        }
        return new String(header, at, end - at, UTF_8);
    }

    private static long number(String text, long at, int radix) throws IOException {
        long value = -1;
        try {
            value = Long.parseLong(text, radix);
        } catch (NumberFormatException _) {
            // Said below, as for one that is negative.
        }
        if (value < 0) {
            throw damaged(at, "expected a number of octets");
        }
        return value;
    }

    private static IOException damaged(long at, String expected) {
        return new IOException("the archive is damaged at octet " + at + ": " + expected);
    }
}
