package org.posthorn.queue.sim;

import org.posthorn.queue.state.Edit;
import org.posthorn.queue.state.Table;
import org.posthorn.queue.state.Tally;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/// A disk that remembers what was synced, and at a crash keeps that and some of what was written
/// after it.
public final class SimDisk {
    private Map<Table, NavigableMap<byte[], byte[]>> synced = empty();
    private Map<Table, NavigableMap<byte[], byte[]>> present = empty();
    private final List<List<Edit>> unsynced = new ArrayList<>();
    private Tally tally = Tally.ZERO;
    private long nextPosition;
    private long epoch;

    private static Map<Table, NavigableMap<byte[], byte[]>> empty() {
        Map<Table, NavigableMap<byte[], byte[]>> tables = new EnumMap<>(Table.class);
        for (Table table : Table.values()) {
            tables.put(table, new TreeMap<>(Arrays::compareUnsigned));
        }
        return tables;
    }

    NavigableMap<byte[], byte[]> table(Table table) {
        return present.get(table);
    }

    Tally tally() {
        return tally;
    }

    long nextPosition() {
        return nextPosition++;
    }

    long epoch() {
        return epoch;
    }

    long nextEpoch() {
        return ++epoch;
    }

    /// Writes without a sync.
    void write(List<Edit> edits) {
        unsynced.add(edits);
        apply(present, edits);
    }

    /// Writes and syncs, which covers all that was written before.
    void sync(List<Edit> edits, Tally delta) {
        write(edits);
        unsynced.forEach(it -> apply(synced, it));
        unsynced.clear();
        tally = tally.plus(delta);
    }

    /// Loses the end of what was not synced, from anywhere on. A batch is there whole or not at
    /// all.
    void crash(RandomGenerator random) {
        int kept = random.nextInt(unsynced.size() + 1);
        unsynced.subList(0, kept).forEach(it -> apply(synced, it));
        unsynced.clear();
        present = empty();
        synced.forEach((table, rows) -> present.get(table).putAll(rows));
    }

    private static void apply(Map<Table, NavigableMap<byte[], byte[]>> tables, List<Edit> edits) {
        for (Edit edit : edits) {
            switch (edit) {
                case Edit.Put(Table table, byte[] key, byte[] value) ->
                        tables.get(table).put(key, value);
                case Edit.Delete(Table table, byte[] key) -> tables.get(table).remove(key);
            }
        }
    }
}
