package org.posthorn.server.transfer;

import org.posthorn.api.mail.Content;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// Part of a file.
///
/// @param offset where it begins
/// @param size how many octets it has
record FileSection(Path file, long offset, long size) implements Content {
    @Override
    public InputStream open() throws IOException {
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
        return new BufferedInputStream(new Section(channel));
    }

    private final class Section extends InputStream {
        private final FileChannel channel;
        private long read;

        Section(FileChannel channel) {
            this.channel = channel;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int at, int length) throws IOException {
            int most = (int) Math.min(length, size - read);
            if (most <= 0) {
                return length == 0 ? 0 : -1;
            }
            int count = channel.read(ByteBuffer.wrap(into, at, most), offset + read);
            read += Math.max(count, 0);
            return count;
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
