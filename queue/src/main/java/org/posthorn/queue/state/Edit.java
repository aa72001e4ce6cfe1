package org.posthorn.queue.state;

/// One change of a table.
public sealed interface Edit {
    /// Which table.
    Table table();

    /// Sets a key.
    ///
    /// @param table which table
    /// @param key the key, which the edit now owns
    /// @param value the value, which the edit now owns
    @SuppressWarnings("ArrayRecordComponent")
    record Put(Table table, byte[] key, byte[] value) implements Edit {}

    /// Removes a key, if it is there.
    ///
    /// @param table which table
    /// @param key the key, which the edit now owns
    @SuppressWarnings("ArrayRecordComponent")
    record Delete(Table table, byte[] key) implements Edit {}
}
