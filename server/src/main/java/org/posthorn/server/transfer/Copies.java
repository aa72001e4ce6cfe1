package org.posthorn.server.transfer;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/// Copies content of a known size.
final class Copies {
    private static final int BUFFER = 64 << 10;

    private Copies() {}

    /// Takes octets.
    interface Sink {
        void take(ByteBuffer octets) throws IOException;
    }

    /// Copies all octets of a stream.
    ///
    /// @throws UnreadableException when it cannot be read, or has more or fewer
    /// @throws IOException when the sink fails
    static void exactly(long size, InputStream from, Sink to) throws IOException {
        byte[] buffer = new byte[BUFFER];
        long left = size;
        for (int count = read(from, buffer); count >= 0; count = read(from, buffer)) {
            left -= count;
            if (left < 0) {
                break;
            }
            to.take(ByteBuffer.wrap(buffer, 0, count));
        }
        if (left != 0) {
            throw new UnreadableException(
                    "its content has not the " + size + " octets it must have", null);
        }
    }

    private static int read(InputStream from, byte[] buffer) throws UnreadableException {
        try {
            return from.read(buffer);
        } catch (IOException e) {
            throw new UnreadableException("its content cannot be read: " + e.getMessage(), e);
        }
    }
}
