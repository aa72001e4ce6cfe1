package org.posthorn.queue.rocks;

import org.posthorn.queue.state.Edit;
import org.posthorn.queue.state.MessageKey;
import org.posthorn.queue.state.Table;
import org.posthorn.queue.state.Tally;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;

/// What each partition holds, and its next free position. Stored with every group of writes, so
/// that a start counts nothing.
///
/// Positions are given to many threads; the rest belongs to the committer's thread, except
/// [#total].
final class Counters {
    private final AtomicLongArray positions;
    private final Tally[] tallies;
    private volatile Tally total = Tally.ZERO;

    /// Reads the counters, where there are any.
    Counters(int partitions, RocksStore store) {
        positions = new AtomicLongArray(partitions);
        tallies = new Tally[partitions];
        for (int partition = 0; partition < partitions; partition++) {
            Tally.Stored stored =
                    store.get(Table.META, Tally.Stored.key(partition))
                            .map(Tally.Stored::of)
                            .orElse(new Tally.Stored(0, Tally.ZERO));
            positions.set(partition, stored.nextPosition());
            tallies[partition] = stored.tally();
            total = total.plus(stored.tally());
        }
    }

    /// Goes on where others were, never below their positions: what they gave away and lost is not
    /// given again.
    void skip(Counters others) {
        for (int partition = 0; partition < tallies.length; partition++) {
            long theirs = others.positions.get(partition);
            positions.updateAndGet(partition, ours -> Math.max(ours, theirs));
        }
    }

    /// Goes on behind a position that a message came with.
    void skip(MessageKey key) {
        positions.updateAndGet(key.partition(), ours -> Math.max(ours, key.position() + 1));
    }

    long nextPosition(int partition) {
        return positions.getAndIncrement(partition);
    }

    Tally total() {
        return total;
    }

    Tally of(int partition) {
        return tallies[partition];
    }

    /// Returns the counters as they will be once the deltas are written.
    Next with(List<Committer.Write> group) {
        Map<Integer, Tally> next = new HashMap<>();
        Tally sum = total;
        for (Committer.Write write : group) {
            next.merge(
                    write.partition(),
                    tallies[write.partition()].plus(write.delta()),
                    (now, _) -> now.plus(write.delta()));
            sum = sum.plus(write.delta());
        }
        List<Edit> edits = new ArrayList<>(next.size());
        next.forEach(
                (partition, tally) ->
                        edits.add(
                                new Edit.Put(
                                        Table.META,
                                        Tally.Stored.key(partition),
                                        tally.octets(positions.get(partition)))));
        return new Next(next, sum, edits);
    }

    /// Counters that hold once the edits are on disk.
    record Next(Map<Integer, Tally> tallies, Tally total, List<Edit> edits) {}

    /// Makes them the present ones.
    void become(Next next) {
        next.tallies().forEach((partition, tally) -> tallies[partition] = tally);
        total = next.total();
    }
}
