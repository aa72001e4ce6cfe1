package org.posthorn.queue.rocks;

import org.jspecify.annotations.Nullable;
import org.posthorn.queue.state.CorruptRecordException;
import org.posthorn.queue.state.Edit;
import org.posthorn.queue.state.StoreFailedException;
import org.posthorn.queue.state.Table;
import org.posthorn.queue.state.View.Visitor;
import org.rocksdb.Checkpoint;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.FlushOptions;
import org.rocksdb.LiveFileMetaData;
import org.rocksdb.MutableColumnFamilyOptions;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.Status;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/// One RocksDB with the queue's tables, which can be closed and opened again under its readers.
///
/// Safe for use by many threads. All calls may block in native code.
final class RocksStore implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RocksStore.class);

    private final Path directory;
    private final StoreOptions options;
    private final WriteOptions synced;
    private final WriteOptions unsynced;
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private final Set<Table> spared = ConcurrentHashMap.newKeySet();
    private @Nullable Database database;

    record Database(RocksDB db, Map<Table, ColumnFamilyHandle> families) {
        boolean has(Table table) {
            return families.containsKey(table);
        }

        ColumnFamilyHandle family(Table table) {
            return Objects.requireNonNull(families.get(table));
        }
    }

    /// A read of the open database.
    @FunctionalInterface
    interface Use<T> {
        T with(Database open) throws RocksDBException;
    }

    RocksStore(Path directory, StoreTuning tuning) {
        this.directory = directory;
        this.options = new StoreOptions(tuning);
        this.synced = new WriteOptions().setSync(tuning.synced());
        this.unsynced = new WriteOptions();
    }

    /// Opens the database, closing it first where it is open.
    ///
    /// @throws IOException when it cannot be opened; the message says why and what to do
    void open() throws IOException {
        makeDirectory();
        lock.writeLock().lock();
        try {
            closeDatabase();
            List<ColumnFamilyHandle> families = new ArrayList<>();
            RocksDB db =
                    RocksDB.open(
                            options.database(), directory.toString(), options.families(), families);
            Map<Table, ColumnFamilyHandle> byTable = new EnumMap<>(Table.class);
            Iterator<ColumnFamilyHandle> handles = families.iterator();
            for (Table table : Table.values()) {
                byTable.put(table, handles.next());
            }
            database = new Database(db, byTable);
        } catch (RocksDBException e) {
            throw new IOException(explain(e), e);
        } finally {
            lock.writeLock().unlock();
        }
    }

    /// Opens the database for reading only, as it is: nothing in the directory changes, but for
    /// RocksDB's own log. Tables that an earlier version did not have are empty.
    ///
    /// @param rescue whether to open also what has lost files, with what is left
    /// @throws IOException when it cannot be opened; the message says why and what to do
    void openToRead(boolean rescue) throws IOException {
        lock.writeLock().lock();
        try (Options list = new Options()) {
            closeDatabase();
            Set<String> stored = new HashSet<>();
            for (byte[] name : RocksDB.listColumnFamilies(list, directory.toString())) {
                stored.add(new String(name, StandardCharsets.US_ASCII));
            }
            List<ColumnFamilyDescriptor> wanted = new ArrayList<>();
            List<Table> tables = new ArrayList<>();
            Iterator<ColumnFamilyDescriptor> all = options.families().iterator();
            for (Table table : Table.values()) {
                ColumnFamilyDescriptor its = all.next();
                if (stored.remove(new String(its.getName(), StandardCharsets.US_ASCII))) {
                    wanted.add(its);
                    tables.add(table);
                }
            }
            if (!stored.isEmpty()) {
                throw new IOException(newer(String.join(", ", stored)));
            }
            if (rescue) {
                options.database().setParanoidChecks(false).setBestEffortsRecovery(true);
            }
            List<ColumnFamilyHandle> families = new ArrayList<>();
            RocksDB db =
                    RocksDB.openReadOnly(
                            options.database(), directory.toString(), wanted, families);
            Map<Table, ColumnFamilyHandle> byTable = new EnumMap<>(Table.class);
            for (int i = 0; i < tables.size(); i++) {
                byTable.put(tables.get(i), families.get(i));
            }
            database = new Database(db, byTable);
        } catch (RocksDBException e) {
            throw new IOException(explain(e), e);
        } finally {
            lock.writeLock().unlock();
        }
    }

    /// Copies the database as it is now, all tables at the same moment, while it is used: its files
    /// get second names where the file system can do that.
    ///
    /// @param to a directory that does not exist
    /// @throws IOException when it exists or cannot be written
    void copy(Path to) throws IOException {
        Database open = acquire();
        try (Checkpoint checkpoint = Checkpoint.create(open.db)) {
            checkpoint.createCheckpoint(to.toString());
        } catch (RocksDBException e) {
            throw new IOException(
                    "the queue in "
                            + directory
                            + " cannot be copied to "
                            + to
                            + ": "
                            + e.getMessage(),
                    e);
        } finally {
            lock.readLock().unlock();
        }
    }

    /// Makes the directory, so that its name and those above it are there after a power cut too:
    /// RocksDB syncs what is in the directory and no more. A start before may have made it and not
    /// come to the sync.
    private void makeDirectory() throws IOException {
        Files.createDirectories(directory);
        Path above = directory.toAbsolutePath().getParent();
        while (above != null && Files.isWritable(above)) {
            try (FileChannel names = FileChannel.open(above, StandardOpenOption.READ)) {
                names.force(true);
            }
            above = above.getParent();
        }
    }

    private String explain(RocksDBException e) {
        String problem = String.valueOf(e.getMessage());
        if (problem.contains("lock hold by") || problem.contains("While lock file")) {
            return "the queue in "
                    + directory
                    + " is in use by another process: stop that one, or give this one its own data-directory";
        }
        if (problem.contains("olumn famil")) {
            return newer(problem);
        }
        return "the queue in " + directory + " cannot be opened: " + problem;
    }

    private String newer(String problem) {
        return "the queue in "
                + directory
                + " was written by a newer version, which must be used to empty it: "
                + problem;
    }

    Path directory() {
        return directory;
    }

    /// Writes all edits or none.
    void write(Iterable<? extends Iterable<Edit>> groups, boolean sync) throws RocksDBException {
        Database open = acquire();
        try (WriteBatch batch = new WriteBatch()) {
            for (Iterable<Edit> edits : groups) {
                for (Edit edit : edits) {
                    add(batch, open, edit);
                }
            }
            open.db.write(sync ? synced : unsynced, batch);
        } finally {
            lock.readLock().unlock();
        }
    }

    private static void add(WriteBatch batch, Database open, Edit edit) throws RocksDBException {
        switch (edit) {
            case Edit.Put(Table table, byte[] key, byte[] value) ->
                    batch.put(open.family(table), key, value);
            case Edit.Delete(Table table, byte[] key) -> batch.delete(open.family(table), key);
        }
    }

    /// Notes which table the database speaks of where it refuses to write for damage: it has met
    /// that while it compacted, and would meet it after each opening. From the next opening on, the
    /// table's files stay as they are.
    void spareDamaged(RocksDBException why) {
        if (isCorruption(why)) {
            try {
                tableOf(String.valueOf(why.getMessage())).ifPresent(it -> spare(it, why));
            } catch (StoreFailedException e) {
                LOG.debug("the store is closed: {}", e.getMessage());
            }
        }
    }

    private void spare(Table table, RocksDBException why) {
        if (spared.add(table)) {
            options.spare(table);
            LOG.error(
                    "a file of the queue is damaged; what can be read of table {} is used, and its files"
                            + " are not compacted any more: stop the server when you can, and run posthorn"
                            + " queue repair: {}",
                    table,
                    why.getMessage());
        }
    }

    private Optional<Table> tableOf(String problem) {
        return use(
                "looking for damage",
                open -> {
                    for (LiveFileMetaData file : open.db.getLiveFilesMetaData()) {
                        if (problem.contains(file.fileName())) {
                            String family =
                                    new String(file.columnFamilyName(), StandardCharsets.US_ASCII);
                            return Arrays.stream(Table.values())
                                    .filter(it -> StoreOptions.name(it).equals(family))
                                    .findFirst();
                        }
                    }
                    return problem.contains(".blob")
                            ? Optional.of(Table.CONTENT)
                            : Optional.empty();
                });
    }

    /// Returns the tables with a damaged file.
    Set<Table> spared() {
        return Set.copyOf(spared);
    }

    /// Removes all keys from one up to another, and syncs.
    void deleteRange(Table table, byte[] from, byte[] end) throws RocksDBException {
        Database open = acquire();
        try {
            open.db.deleteRange(open.family(table), synced, from, end);
        } finally {
            lock.readLock().unlock();
        }
    }

    Optional<byte[]> get(Table table, byte[] key) {
        return use(
                "reading",
                open ->
                        open.has(table)
                                ? Optional.ofNullable(open.db.get(open.family(table), key))
                                : Optional.empty());
    }

    void scan(Table table, byte[] from, byte[] end, Visitor visitor) {
        use(
                "scanning",
                open -> {
                    if (!open.has(table)) {
                        return false;
                    }
                    try (Slice bound = new Slice(end);
                            ReadOptions read = new ReadOptions();
                            RocksIterator entries =
                                    open.db.newIterator(
                                            open.family(table),
                                            end.length == 0
                                                    ? read
                                                    : read.setIterateUpperBound(bound))) {
                        boolean more = true;
                        for (entries.seek(from); more && entries.isValid(); ) {
                            more = visitor.visit(entries.key(), entries.value());
                            if (more) {
                                entries.next();
                            }
                        }
                        entries.status();
                    }
                    return true;
                });
    }

    /// Writes memtables to files, so that what was deleted leaves the disk when files are
    /// compacted.
    void compact() {
        flush();
        use(
                "compacting",
                open -> {
                    moveBlobs(open, true);
                    try {
                        for (Table table : open.families.keySet()) {
                            if (!spared.contains(table)) {
                                open.db.compactRange(open.family(table));
                            }
                        }
                    } finally {
                        moveBlobs(open, false);
                    }
                    return true;
                });
    }

    /// Sets whether compaction moves what is left of blob files. At other times that would write
    /// content that stays again and again.
    private static void moveBlobs(Database open, boolean move) throws RocksDBException {
        open.db.setOptions(
                open.family(Table.CONTENT),
                MutableColumnFamilyOptions.builder().setEnableBlobGarbageCollection(move).build());
    }

    /// Returns how many octets the store's files take, without its write-ahead log.
    long size() {
        return use(
                "measuring",
                open -> {
                    long size = 0;
                    for (ColumnFamilyHandle family : open.families.values()) {
                        size +=
                                open.db.getLongProperty(family, "rocksdb.total-sst-files-size")
                                        + open.db.getLongProperty(
                                                family, "rocksdb.total-blob-file-size");
                    }
                    return size;
                });
    }

    private <T> T use(String what, Use<T> read) {
        Database open = acquire();
        try {
            return read.with(open);
        } catch (RocksDBException e) {
            String problem = what + " failed in " + directory + ": " + e.getMessage();
            throw isCorruption(e)
                    ? new CorruptRecordException(problem, e)
                    : new StoreFailedException(problem, e);
        } finally {
            lock.readLock().unlock();
        }
    }

    private static boolean isCorruption(RocksDBException e) {
        return e.getStatus() != null && e.getStatus().getCode() == Status.Code.Corruption;
    }

    private Database acquire() {
        lock.readLock().lock();
        Database open = database;
        if (open == null) {
            lock.readLock().unlock();
            throw new StoreFailedException("the queue in " + directory + " is closed");
        }
        return open;
    }

    private void closeDatabase() {
        Database open = database;
        database = null;
        if (open != null) {
            open.families.values().forEach(ColumnFamilyHandle::close);
            open.db.close();
        }
    }

    /// Writes memtables to files, so that the next start has no log to read back.
    private void flush() {
        use(
                "flushing",
                open -> {
                    try (FlushOptions flush = new FlushOptions()) {
                        open.db.flush(flush, List.copyOf(open.families.values()));
                    }
                    return true;
                });
    }

    @Override
    public void close() {
        try {
            flush();
        } catch (CorruptRecordException | StoreFailedException e) {
            LOG.debug("the log is read back at the next start: {}", e.getMessage());
        }
        lock.writeLock().lock();
        try {
            closeDatabase();
            synced.close();
            unsynced.close();
            options.close();
        } finally {
            lock.writeLock().unlock();
        }
    }
}
