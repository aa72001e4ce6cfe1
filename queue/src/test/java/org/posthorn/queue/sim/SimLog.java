package org.posthorn.queue.sim;

import org.posthorn.api.intake.QueueUnavailableException;
import org.posthorn.api.mail.Content;
import org.posthorn.queue.log.ChunkSink;
import org.posthorn.queue.log.Lease;
import org.posthorn.queue.log.NotOwnerException;
import org.posthorn.queue.log.OwnerCallback;
import org.posthorn.queue.log.QueueLog;
import org.posthorn.queue.log.Restore;
import org.posthorn.queue.state.ContentRef;
import org.posthorn.queue.state.Edit;
import org.posthorn.queue.state.Entry;
import org.posthorn.queue.state.MessageKey;
import org.posthorn.queue.state.PartitionState;
import org.posthorn.queue.state.StateBatch;
import org.posthorn.queue.state.StoreFailedException;
import org.posthorn.queue.state.Table;
import org.posthorn.queue.state.Tally;
import org.posthorn.queue.state.View;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.random.RandomGenerator;

/// A log on a [SimDisk]. Nothing happens by itself: each [#step] lets one thing that was asked for
/// happen, in the way that the seed says.
///
/// Faults: a write that fails; a write that happens and whose acknowledgement is lost; both end the
/// lease, as a real store would. A crash between any two steps ([#crash]). Another owner while this
/// one is paused: another log on the same disk.
public final class SimLog implements QueueLog {
    private static final int PARTITIONS = 4;

    private final SimDisk disk;
    private final RandomGenerator random;
    private final double faults;
    private final List<Runnable> asked = new ArrayList<>();
    private final View view = new SimView();
    private final Set<Access> broken = EnumSet.noneOf(Access.class);
    private OwnerCallback owner;
    private long epoch;
    private boolean closed;

    /// Makes a log.
    ///
    /// @param faults how likely a write fails, 0 to 1
    public SimLog(SimDisk disk, RandomGenerator random, double faults) {
        this.disk = disk;
        this.random = random;
        this.faults = faults;
    }

    /// A way to use the tables.
    public enum Access {
        /// One row is read.
        GET,
        /// Rows are read in order.
        SCAN,
        /// Indexes are changed.
        ARRANGE
    }

    /// Lets ways to use the tables fail from now on, and all others work.
    public void breakDown(Access... ways) {
        broken.clear();
        broken.addAll(List.of(ways));
    }

    /// Lets the next thing happen.
    ///
    /// @return whether there was one
    public boolean step() {
        if (asked.isEmpty()) {
            return false;
        }
        asked.removeFirst().run();
        return true;
    }

    /// Lets all happen that was asked for.
    public void run() {
        while (step()) {
            // Each step may ask for more.
        }
    }

    /// Ends the process at this point: what was asked for and did not happen never will, and what
    /// was not synced may be lost.
    public void crash() {
        closed = true;
        asked.clear();
        disk.crash(random);
    }

    @Override
    public int partitions() {
        return PARTITIONS;
    }

    @Override
    public void start(OwnerCallback callback) {
        owner = callback;
        sweep();
        assign();
    }

    private void sweep() {
        for (byte[] orphan : List.copyOf(disk.table(Table.DRAFT).keySet())) {
            MessageKey place = MessageKey.of(orphan);
            List<Edit> edits = new ArrayList<>();
            chunks(place).keySet().forEach(key -> edits.add(new Edit.Delete(Table.CONTENT, key)));
            edits.addAll(PartitionState.drop(new ContentRef(place, 0, 0, 0)));
            disk.sync(edits, Tally.ZERO);
        }
    }

    private NavigableMap<byte[], byte[]> chunks(MessageKey place) {
        return disk.table(Table.CONTENT)
                .subMap(
                        ContentRef.key(place, 0),
                        true,
                        ContentRef.key(place, Integer.MAX_VALUE),
                        true);
    }

    private void assign() {
        epoch = disk.nextEpoch();
        for (int partition = 0; partition < PARTITIONS; partition++) {
            owner.assigned(
                    new Lease(partition, epoch),
                    new Restore(partition == 0 ? disk.tally() : Tally.ZERO));
        }
    }

    private void loseAndAssign() {
        for (int partition = 0; partition < PARTITIONS; partition++) {
            owner.lost(new Lease(partition, epoch));
        }
        assign();
    }

    @Override
    public void admit(long size) throws QueueUnavailableException {
        if (closed) {
            throw new QueueUnavailableException(false, "closed");
        }
    }

    @Override
    public CompletionStage<MessageKey> append(int partition, Entry entry) {
        MessageKey key = new MessageKey(partition, disk.nextPosition(), random.nextInt());
        CompletableFuture<MessageKey> done = new CompletableFuture<>();
        ask(
                done,
                () -> {
                    PartitionState.WriteBatch batch = PartitionState.apply(key, entry);
                    write(
                            done,
                            batch,
                            () -> {
                                owner.appended(new Lease(partition, epoch), key, entry);
                                done.complete(key);
                            });
                });
        return done;
    }

    @Override
    public CompletionStage<List<MessageKey>> commit(Lease lease, StateBatch facts) {
        CompletableFuture<List<MessageKey>> done = new CompletableFuture<>();
        ask(
                done,
                () -> {
                    if (lease.epoch() != disk.epoch()) {
                        done.completeExceptionally(new NotOwnerException(lease));
                        return;
                    }
                    PartitionState.WriteBatch changes = PartitionState.apply(facts);
                    List<Edit> edits = new ArrayList<>(changes.edits());
                    Tally delta = changes.delta();
                    List<MessageKey> keys = new ArrayList<>();
                    for (Entry birth : facts.births()) {
                        MessageKey key =
                                new MessageKey(
                                        lease.partition(), disk.nextPosition(), random.nextInt());
                        PartitionState.WriteBatch batch = PartitionState.apply(key, birth);
                        edits.addAll(batch.edits());
                        delta = delta.plus(batch.delta());
                        keys.add(key);
                    }
                    write(
                            done,
                            new PartitionState.WriteBatch(edits, delta),
                            () -> {
                                for (int i = 0; i < keys.size(); i++) {
                                    owner.appended(lease, keys.get(i), facts.births().get(i));
                                }
                                done.complete(keys);
                            });
                });
        return done;
    }

    private void ask(CompletableFuture<?> done, Runnable work) {
        if (closed) {
            done.completeExceptionally(new QueueUnavailableException(false, "closed"));
        } else {
            asked.add(work);
        }
    }

    private void write(
            CompletableFuture<?> done, PartitionState.WriteBatch batch, Runnable acknowledge) {
        boolean fault = random.nextDouble() < faults;
        if (!fault || random.nextBoolean()) {
            disk.sync(batch.edits(), batch.delta());
        }
        if (fault) {
            done.completeExceptionally(new QueueUnavailableException(false, "a fault"));
            loseAndAssign();
        } else {
            acknowledge.run();
        }
    }

    @Override
    public ChunkSink openLarge(int partition) {
        return new SimSink(new MessageKey(partition, disk.nextPosition(), random.nextInt()));
    }

    @Override
    public Content open(ContentRef content) {
        return new SimContent(content);
    }

    @Override
    public CompletionStage<Void> truncate(Lease lease, long low) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        ask(
                done,
                () -> {
                    if (lease.epoch() != disk.epoch()) {
                        done.completeExceptionally(new NotOwnerException(lease));
                        return;
                    }
                    List<Edit> edits = new ArrayList<>();
                    disk.table(Table.CONTENT)
                            .subMap(
                                    ContentRef.key(new MessageKey(lease.partition(), 0, 0), 0),
                                    ContentRef.key(new MessageKey(lease.partition(), low, 0), 0))
                            .keySet()
                            .forEach(key -> edits.add(new Edit.Delete(Table.CONTENT, key)));
                    disk.sync(edits, Tally.ZERO);
                    done.complete(null);
                });
        return done;
    }

    @Override
    public View view() {
        return view;
    }

    @Override
    public Tally tally() {
        return disk.tally();
    }

    @Override
    public void close() {
        run();
        closed = true;
    }

    private final class SimView implements View {
        private void use(Access way) {
            if (broken.contains(way)) {
                throw new StoreFailedException(way + " fails");
            }
        }

        @Override
        public Optional<byte[]> get(Table table, byte[] key) {
            use(Access.GET);
            return Optional.ofNullable(disk.table(table).get(key));
        }

        @Override
        public void scan(Table table, byte[] from, byte[] end, Visitor visitor) {
            use(Access.SCAN);
            NavigableMap<byte[], byte[]> rows = disk.table(table).tailMap(from, true);
            for (var row :
                    List.copyOf((end.length == 0 ? rows : rows.headMap(end, false)).entrySet())) {
                if (!visitor.visit(row.getKey(), row.getValue())) {
                    return;
                }
            }
        }

        @Override
        public void arrange(List<Edit> edits) {
            use(Access.ARRANGE);
            disk.write(edits);
        }
    }

    private final class SimSink implements ChunkSink {
        private final MessageKey place;
        private ContentRef written;

        SimSink(MessageKey place) {
            this.place = place;
            this.written = new ContentRef(place, 0, 1, 1);
        }

        @Override
        public int partition() {
            return place.partition();
        }

        @Override
        public CompletionStage<Void> write(byte[] octets) {
            CompletableFuture<Void> done = new CompletableFuture<>();
            ask(
                    done,
                    () -> {
                        disk.write(
                                List.of(
                                        PartitionState.begun(place),
                                        new Edit.Put(
                                                Table.CONTENT,
                                                ContentRef.key(place, written.end()),
                                                octets)));
                        written =
                                new ContentRef(
                                        place,
                                        written.size() + octets.length,
                                        1,
                                        written.end() + 1);
                        done.complete(null);
                    });
            return done;
        }

        @Override
        public ContentRef written() {
            return written;
        }

        @Override
        public void drop() {
            disk.write(PartitionState.drop(written));
        }
    }

    private final class SimContent implements Content {
        private final ContentRef ref;

        SimContent(ContentRef ref) {
            this.ref = ref;
        }

        @Override
        public long size() {
            return ref.size();
        }

        @Override
        public InputStream open() throws IOException {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            for (int chunk = ref.first(); chunk < ref.end(); chunk++) {
                byte[] octets = disk.table(Table.CONTENT).get(ContentRef.key(ref.place(), chunk));
                if (octets == null) {
                    throw new IOException("chunk " + chunk + " is gone");
                }
                all.write(octets);
            }
            return new ByteArrayInputStream(all.toByteArray());
        }
    }
}
