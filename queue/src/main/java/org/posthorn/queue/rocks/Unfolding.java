package org.posthorn.queue.rocks;

import org.posthorn.queue.scan.Rows;
import org.posthorn.queue.state.CorruptRecordException;
import org.posthorn.queue.state.Edit;
import org.posthorn.queue.state.IndexKey;
import org.posthorn.queue.state.MessageKey;
import org.posthorn.queue.state.PartitionState;
import org.posthorn.queue.state.RemovedMessage;
import org.posthorn.queue.state.Table;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.List;

/// Brings what was removed into the form in which it is kept now, once: an earlier one kept all of
/// a message in one record. A start that was interrupted is made up for by the next.
final class Unfolding {
    private static final Logger LOG = LoggerFactory.getLogger(Unfolding.class);
    private static final byte[] DONE = {'r'};

    private final RocksStore store;

    Unfolding(RocksStore store) {
        this.store = store;
    }

    /// Does it where it was not done. Durable with the next synced write.
    ///
    /// @return what notes that it is done, to be written with that one
    List<Edit> run() throws RocksDBException {
        if (store.get(Table.META, DONE).isEmpty()) {
            Rows removed = rows(Table.REMOVED);
            for (var row = removed.next(); row.isPresent(); row = removed.next()) {
                if (row.get().key().length == MessageKey.LENGTH) {
                    unfold(row.get());
                }
            }
            Rows fading = rows(Table.FADING);
            for (var row = fading.next(); row.isPresent(); row = fading.next()) {
                if (row.get().key().length != IndexKey.Fading.LENGTH) {
                    write(List.of(new Edit.Delete(Table.FADING, row.get().key())));
                }
            }
        }
        return List.of(new Edit.Put(Table.META, DONE, new byte[] {1}));
    }

    private Rows rows(Table table) {
        RocksView view = new RocksView(store, () -> {});
        return new Rows(view, table, gap -> LOG.error("removed mail is lost: {}", gap.why()));
    }

    private void unfold(Rows.Row row) throws RocksDBException {
        MessageKey key = MessageKey.of(row.key());
        RemovedMessage gone;
        try {
            gone = RemovedMessage.of(row.value());
        } catch (CorruptRecordException e) {
            LOG.error("what was removed of message {} stays as it is: {}", key, e.getMessage());
            return;
        }
        if (gone.folded().isEmpty()) {
            return;
        }
        List<Edit> edits = new ArrayList<>();
        RemovedMessage.Folded folded = gone.folded().get();
        edits.add(new Edit.Delete(Table.FADING, IndexKey.folded(folded.until(), key)));
        folded.unfolded(key).forEach((its, job) -> edits.addAll(PartitionState.keep(its, job)));
        boolean live = store.get(Table.MESSAGE, key.octets()).isPresent();
        edits.add(
                live
                        ? new Edit.Delete(Table.REMOVED, key.octets())
                        : new Edit.Put(Table.REMOVED, key.octets(), gone.octets()));
        write(edits);
    }

    private void write(List<Edit> edits) throws RocksDBException {
        store.write(List.of(edits), false);
    }
}
