package org.posthorn.queue.rocks;

import org.posthorn.queue.state.Edit;
import org.rocksdb.RocksDBException;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Fills a store that nobody else uses: many rows at a time, and all of them durable at the end.
/// For one thread.
public final class StoreWriter implements AutoCloseable {
    private static final int MOST_OCTETS = 4 << 20;

    private final RocksStore store;
    private final List<Edit> waiting = new ArrayList<>();
    private int octets;

    private StoreWriter(RocksStore store) {
        this.store = store;
    }

    /// Makes a store, or opens the one that is there.
    ///
    /// @throws IOException when it cannot be made; the message names the directory
    public static StoreWriter open(Path directory) throws IOException {
        RocksStore store = new RocksStore(directory, StoreTuning.SERVER);
        try {
            store.open();
            return new StoreWriter(store);
        } catch (IOException | RuntimeException e) {
            store.close();
            throw e;
        }
    }

    /// Writes some time before [#finish].
    ///
    /// @throws IOException when it cannot be written
    public void write(List<Edit> edits) throws IOException {
        waiting.addAll(edits);
        for (Edit edit : edits) {
            octets += edit instanceof Edit.Put put ? put.value().length : 0;
        }
        if (octets >= MOST_OCTETS) {
            flush(false);
        }
    }

    /// Makes all of it durable.
    ///
    /// @throws IOException when it cannot be written
    public void finish() throws IOException {
        flush(true);
    }

    private void flush(boolean sync) throws IOException {
        try {
            store.write(List.of(waiting), sync);
        } catch (RocksDBException e) {
            throw new IOException(
                    "writing failed in " + store.directory() + ": " + e.getMessage(), e);
        }
        waiting.clear();
        octets = 0;
    }

    @Override
    public void close() {
        store.close();
    }
}
