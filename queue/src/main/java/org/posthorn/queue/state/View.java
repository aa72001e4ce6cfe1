package org.posthorn.queue.state;

import java.util.List;
import java.util.Optional;

/// The tables, for reading: what the partitions' logs add up to. Safe for use by many threads;
/// calls may block on the disk.
///
/// All methods throw [CorruptRecordException] when a block on disk is damaged, and
/// [StoreFailedException] when it cannot be read at all.
public interface View {

    /// Returns a key's value.
    Optional<byte[]> get(Table table, byte[] key);

    /// Visits entries in order, as they were when the call began.
    ///
    /// @param from the first key
    /// @param end behind the last key, or empty for no end
    /// @param visitor is asked for each entry
    void scan(Table table, byte[] from, byte[] end, Visitor visitor);

    /// Changes derived indexes only. Not synced: a crash may undo it, which must do no harm.
    void arrange(List<Edit> edits);

    /// Takes entries one by one.
    @FunctionalInterface
    interface Visitor {
        /// Takes an entry.
        ///
        /// @return whether to go on
        boolean visit(byte[] key, byte[] value);
    }
}
