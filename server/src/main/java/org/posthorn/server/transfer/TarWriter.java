package org.posthorn.server.transfer;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.time.Instant;
import java.util.Locale;

/// Writes a tar archive of files (the ustar format of POSIX.1-1988): one after the other, streamed.
/// For one thread.
final class TarWriter {
    static final int BLOCK = 512;
    static final int CHECKSUM = 148;
    static final byte[] MAGIC = "ustar\00000".getBytes(US_ASCII);
    static final int MAGIC_AT = 257;
    private static final long LARGEST = (1L << 33) - 1;

    private final FileChannel to;

    /// @param to the empty file, at its beginning
    TarWriter(FileChannel to) {
        this.to = to;
    }

    /// Writes a file.
    ///
    /// @param name at most 100 octets of ASCII
    /// @param size how many octets it has
    /// @throws UnreadableException when the content cannot be read, or has another size
    /// @throws IOException when the archive cannot be written
    void file(String name, long size, Instant modified, InputStream content) throws IOException {
        if (size > LARGEST) {
            throw new UnreadableException(
                    "it has more than 8 GiB, which cannot stand in an archive: export to a directory",
                    null);
        }
        write(header(name, size, modified.getEpochSecond()));
        Copies.exactly(size, content, this::write);
        int rest = (int) (size % BLOCK);
        if (rest > 0) {
            write(new byte[BLOCK - rest]);
        }
    }

    private static byte[] header(String name, long size, long modified) {
        ByteBuffer header = ByteBuffer.allocate(BLOCK);
        header.put(name.getBytes(US_ASCII));
        text(header, 100, "0000600");
        text(header, 108, "0000000");
        text(header, 116, "0000000");
        text(header, 124, String.format(Locale.ROOT, "%011o", size));
        text(header, 136, String.format(Locale.ROOT, "%011o", Math.max(0, modified)));
        header.put(156, (byte) '0').put(MAGIC_AT, MAGIC);
        text(header, CHECKSUM, String.format(Locale.ROOT, "%06o\0 ", checksum(header.array())));
        return header.array();
    }

    private static void text(ByteBuffer header, int at, String text) {
        header.put(at, text.getBytes(US_ASCII));
    }

    /// Returns the sum of a header's octets, those of the sum itself as blanks.
    static long checksum(byte[] header) {
        long sum = 0;
        for (int i = 0; i < BLOCK; i++) {
            sum += i >= CHECKSUM && i < CHECKSUM + 8 ? ' ' : header[i] & 0xff;
        }
        return sum;
    }

    private void write(byte[] octets) throws IOException {
        write(ByteBuffer.wrap(octets));
    }

    private void write(ByteBuffer octets) throws IOException {
        while (octets.hasRemaining()) {
            to.write(octets);
        }
    }

    /// Writes the end, and makes all of it durable.
    void finish() throws IOException {
        write(new byte[2 * BLOCK]);
        to.force(true);
    }
}
