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
import java.util.Optional;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/// A disk that remembers what was synced, and at a crash keeps that and some of what was written
/// after it. Several logs may use it; one of them owns the partitions.
public final class SimDisk {
    private final List<Write> unsynced = new ArrayList<>();
    private final List<Write> hidden = new ArrayList<>();
    private Rows durable = new Rows();
    private Rows present = new Rows();
    private Optional<SimLog> owner = Optional.empty();
    private long nextPosition;
    private long epoch;

    /// The tables, and how much they hold.
    static final class Rows {
        private final Map<Table, NavigableMap<byte[], byte[]>> tables = new EnumMap<>(Table.class);
        private Tally tally = Tally.ZERO;

        Rows() {
            for (Table table : Table.values()) {
                tables.put(table, new TreeMap<>(Arrays::compareUnsigned));
            }
        }

        Rows copy() {
            Rows copy = new Rows();
            tables.forEach((table, rows) -> copy.table(table).putAll(rows));
            copy.tally = tally;
            return copy;
        }

        NavigableMap<byte[], byte[]> table(Table table) {
            return tables.get(table);
        }

        Tally tally() {
            return tally;
        }

        void apply(List<Edit> edits, Tally delta) {
            for (Edit edit : edits) {
                switch (edit) {
                    case Edit.Put(Table table, byte[] key, byte[] value) ->
                            table(table).put(key, value);
                    case Edit.Delete(Table table, byte[] key) -> table(table).remove(key);
                }
            }
            tally = tally.plus(delta);
        }
    }

    /// Something that was written, whole or not at all.
    static final class Write {
        private final List<Edit> edits;
        private final Tally delta;
        private boolean shown;
        private boolean lost;

        Write(List<Edit> edits, Tally delta) {
            this.edits = edits;
            this.delta = delta;
        }

        /// Tells whether a crash has lost it.
        boolean isLost() {
            return lost;
        }
    }

    /// Returns what is there, synced or not.
    Rows rows() {
        return present;
    }

    long nextPosition() {
        return nextPosition++;
    }

    long epoch() {
        return epoch;
    }

    Optional<SimLog> owner() {
        return owner;
    }

    /// Gives all partitions to a log.
    ///
    /// @return the new epoch
    long own(SimLog next) {
        owner = Optional.of(next);
        return ++epoch;
    }

    /// Writes without a sync.
    void write(List<Edit> edits) {
        show(append(edits, Tally.ZERO));
    }

    /// Writes what is to be seen when it is synced ([#sync], then [#show]).
    Write append(List<Edit> edits, Tally delta) {
        Write write = new Write(edits, delta);
        unsynced.add(write);
        return write;
    }

    /// Makes durable a write, and all that were before it.
    void sync(Write last) {
        int end = unsynced.indexOf(last) + 1;
        List<Write> now = unsynced.subList(0, end);
        now.forEach(it -> durable.apply(it.edits, it.delta));
        now.stream().filter(it -> !it.shown).forEach(hidden::add);
        now.clear();
    }

    /// Lets a write be seen, where it is not yet.
    void show(Write write) {
        hidden.remove(write);
        if (!write.shown) {
            write.shown = true;
            present.apply(write.edits, write.delta);
        }
    }

    /// Takes a write back that was not synced, if it is still so.
    void revoke(Write write) {
        write.lost = unsynced.remove(write);
    }

    /// Loses the end of what was not synced, from anywhere on.
    void crash(RandomGenerator random) {
        int kept = random.nextInt(unsynced.size() + 1);
        unsynced.subList(kept, unsynced.size()).forEach(it -> it.lost = true);
        unsynced.subList(kept, unsynced.size()).clear();
        unsynced.forEach(it -> durable.apply(it.edits, it.delta));
        unsynced.forEach(it -> it.shown = true);
        hidden.forEach(it -> it.shown = true);
        unsynced.clear();
        hidden.clear();
        present = durable.copy();
    }
}
