package org.posthorn.queue.rocks;

import org.posthorn.api.mail.Content;
import org.posthorn.api.mail.DamagedContentException;
import org.posthorn.queue.state.ContentRef;
import org.posthorn.queue.state.CorruptRecordException;
import org.posthorn.queue.state.StoreFailedException;
import org.posthorn.queue.state.Table;

import java.io.IOException;
import java.io.InputStream;

/// Content in the store, read chunk by chunk: one chunk is in memory per stream.
record StoredContent(RocksStore store, ContentRef ref) implements Content {
    @Override
    public long size() {
        return ref.size();
    }

    @Override
    public InputStream open() {
        return new Chunked();
    }

    private final class Chunked extends InputStream {
        private byte[] chunk = {};
        private int at;
        private int next = ref.first();
        private long rest = ref.size();

        @Override
        public int read() throws IOException {
            return fill() ? chunk[at++] & 0xff : -1;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            if (!fill()) {
                return -1;
            }
            int count = Math.min(length, chunk.length - at);
            System.arraycopy(chunk, at, into, offset, count);
            at += count;
            return count;
        }

        @Override
        public int available() {
            return chunk.length - at;
        }

        private boolean fill() throws IOException {
            while (at == chunk.length && next < ref.end()) {
                chunk = load(next++);
                at = 0;
                rest -= chunk.length;
                if (next == ref.end() && rest != 0) {
                    throw new DamagedContentException(
                            "the content at "
                                    + ref.place()
                                    + " has another size than its record says");
                }
            }
            return at < chunk.length;
        }

        private byte[] load(int number) throws IOException {
            try {
                return store.get(Table.CONTENT, ContentRef.key(ref.place(), number))
                        .orElseThrow(() -> new DamagedContentException(chunk(number) + " is gone"));
            } catch (CorruptRecordException e) {
                throw new DamagedContentException(
                        chunk(number) + " cannot be read: " + e.getMessage(), e);
            } catch (StoreFailedException e) {
                throw new IOException(chunk(number) + " cannot be read now: " + e.getMessage(), e);
            }
        }

        private String chunk(int number) {
            return "chunk " + number + " of the content at " + ref.place();
        }
    }
}
