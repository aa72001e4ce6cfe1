package org.posthorn.queue.rocks;

import org.posthorn.api.mail.Content;
import org.posthorn.queue.state.ContentRef;
import org.posthorn.queue.state.Edit;
import org.posthorn.queue.state.Table;
import org.posthorn.queue.state.View;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;

/// The tables of a store that no server uses, for reading only: a stopped one's, or a backup's.
public final class StoredView implements View, AutoCloseable {
    private final RocksStore store;
    private final Optional<FileChannel> lock;

    private StoredView(RocksStore store, Optional<FileChannel> lock) {
        this.store = store;
        this.lock = lock;
    }

    /// Opens a store. Nothing in it changes.
    ///
    /// @param rescue whether to open also a store that has lost files, with what is left
    /// @throws IOException when there is none, a server uses it, or it cannot be opened; the
    /// message
    ///     names the directory and what to do
    public static StoredView open(Path directory, boolean rescue) throws IOException {
        if (!Files.exists(directory.resolve("CURRENT"))) {
            throw new IOException("there is no queue in " + directory);
        }
        Optional<FileChannel> lock = lock(directory);
        RocksStore store = new RocksStore(directory, StoreTuning.SERVER);
        try {
            store.openToRead(rescue);
            return new StoredView(store, lock);
        } catch (IOException | RuntimeException e) {
            store.close();
            release(lock);
            throw e;
        }
    }

    /// Takes the lock that a server has: reading only, RocksDB would not look at it.
    private static Optional<FileChannel> lock(Path directory) throws IOException {
        Path file = directory.resolve("LOCK");
        if (!Files.isWritable(file)) {
            return Optional.empty();
        }
        FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
        if (channel.tryLock() == null) {
            channel.close();
            throw new InUseException(directory);
        }
        return Optional.of(channel);
    }

    private static void release(Optional<FileChannel> lock) throws IOException {
        if (lock.isPresent()) {
            lock.get().close();
        }
    }

    @Override
    public Optional<byte[]> get(Table table, byte[] key) {
        return store.get(table, key);
    }

    @Override
    public void scan(Table table, byte[] from, byte[] end, Visitor visitor) {
        store.scan(table, from, end, visitor);
    }

    /// Returns content, to be read when it is wanted.
    public Content content(ContentRef ref) {
        return new StoredContent(store, ref);
    }

    /// Fails: nothing changes here.
    @Override
    public void arrange(List<Edit> edits) {
        throw new UnsupportedOperationException("the store is open for reading only");
    }

    @Override
    public void close() throws IOException {
        store.close();
        release(lock);
    }
}
