package org.posthorn.queue.rocks;

import org.posthorn.queue.state.Edit;
import org.posthorn.queue.state.StoreFailedException;
import org.posthorn.queue.state.Table;
import org.posthorn.queue.state.View;
import org.rocksdb.RocksDBException;

import java.util.List;
import java.util.Optional;

/// The store's tables, for the queue.
final class RocksView implements View {
    private final RocksStore store;
    private final Runnable doubt;

    /// Makes a view.
    ///
    /// @param doubt is run when a write has failed
    RocksView(RocksStore store, Runnable doubt) {
        this.store = store;
        this.doubt = doubt;
    }

    @Override
    public Optional<byte[]> get(Table table, byte[] key) {
        return store.get(table, key);
    }

    @Override
    public void scan(Table table, byte[] from, byte[] end, Visitor visitor) {
        store.scan(table, from, end, visitor);
    }

    @Override
    public void arrange(List<Edit> edits) {
        try {
            store.write(List.of(edits), false);
        } catch (RocksDBException e) {
            doubt.run();
            throw new StoreFailedException(
                    "arranging the queue failed in " + store.directory() + ": " + e.getMessage(),
                    e);
        }
    }
}
