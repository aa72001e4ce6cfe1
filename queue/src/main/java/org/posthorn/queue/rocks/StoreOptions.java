package org.posthorn.queue.rocks;

import org.posthorn.queue.state.Table;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.Filter;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.PrepopulateBlobCache;
import org.rocksdb.RocksDB;
import org.rocksdb.WALRecoveryMode;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/// How RocksDB is set up: little memory, content written once when it is delivered before its
/// memtable is full.
///
/// A memtable of content is large enough that mail delivered at once is deleted in it, so that a
/// flush writes only the deletion. Content above 16 KiB that does reach a flush goes to blob files,
/// which compaction does not copy: a file of which nothing is left is removed, and what is left of
/// others is moved only when the store is tidied ([Tidy]).
///
/// The write-ahead log is read back up to the first record that is not whole. Commits are synced,
/// and a sync covers all log files that were not synced yet, so what was acknowledged stands before
/// that record whatever a power cut leaves behind it.
final class StoreOptions implements AutoCloseable {
    static {
        RocksDB.loadLibrary();
    }

    private static final long MIB = 1L << 20;

    private final Cache cache = new LRUCache(16 * MIB);
    private final Filter filter = new BloomFilter(10);
    private final Map<Table, ColumnFamilyOptions> families = new EnumMap<>(Table.class);
    private final DBOptions database;
    private final int divisor;

    StoreOptions(StoreTuning tuning) {
        divisor = tuning.divisor();
        database =
                new DBOptions()
                        .setCreateIfMissing(true)
                        .setCreateMissingColumnFamilies(true)
                        .setWalRecoveryMode(WALRecoveryMode.PointInTimeRecovery)
                        .setMaxTotalWalSize(64 * MIB / divisor)
                        .setDbWriteBufferSize(96 * MIB / divisor)
                        .setMaxBackgroundJobs(2)
                        .setMaxOpenFiles(256)
                        .setBytesPerSync(MIB)
                        .setAvoidFlushDuringShutdown(true)
                        .setAvoidUnnecessaryBlockingIO(true)
                        .setStatsDumpPeriodSec(0)
                        .setStatsPersistPeriodSec(0)
                        .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
                        .setMaxLogFileSize(MIB)
                        .setKeepLogFileNum(2);
        for (Table table : Table.values()) {
            families.put(table, family(table));
        }
    }

    DBOptions database() {
        return database;
    }

    /// Returns one column family per table, in the order of the tables.
    List<ColumnFamilyDescriptor> families() {
        List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
        families.forEach(
                (table, options) ->
                        descriptors.add(
                                new ColumnFamilyDescriptor(
                                        name(table).getBytes(StandardCharsets.US_ASCII), options)));
        return descriptors;
    }

    /// Returns a table's family. RocksDB insists on one called `default`.
    static String name(Table table) {
        return table == Table.META ? "default" : table.name().toLowerCase(Locale.ROOT);
    }

    /// Has a table's files left as they are from the next opening on, however many they become.
    void spare(Table table) {
        Objects.requireNonNull(families.get(table)).setDisableAutoCompactions(true);
    }

    private ColumnFamilyOptions family(Table table) {
        ColumnFamilyOptions options =
                new ColumnFamilyOptions()
                        .setTableFormatConfig(
                                new BlockBasedTableConfig()
                                        .setBlockCache(cache)
                                        .setCacheIndexAndFilterBlocks(true)
                                        .setPinL0FilterAndIndexBlocksInCache(true)
                                        .setFilterPolicy(filter))
                        .setCompressionType(CompressionType.NO_COMPRESSION)
                        .setWriteBufferSize(
                                (table == Table.CONTENT ? 32 * MIB : 16 * MIB) / divisor)
                        .setArenaBlockSize((128 << 10) / divisor)
                        .setMaxWriteBufferNumber(3)
                        .setLevelCompactionDynamicLevelBytes(true);
        return table != Table.CONTENT
                ? options
                : options.setEnableBlobFiles(true)
                        .setMinBlobSize(16 << 10)
                        .setBlobFileSize(64 * MIB / divisor)
                        .setPrepopulateBlobCache(PrepopulateBlobCache.PREPOPULATE_BLOB_DISABLE)
                        .setBlobGarbageCollectionAgeCutoff(1.0);
    }

    @Override
    public void close() {
        database.close();
        families.values().forEach(ColumnFamilyOptions::close);
        filter.close();
        cache.close();
    }
}
