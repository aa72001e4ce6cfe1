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
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/// A log on a [SimDisk]. Nothing happens by itself: each [#step] lets one thing that was asked for
/// happen, in the way that the seed says. Whoever steps seldom has a slow disk.
///
/// What is asked for is written in groups, then synced, then acknowledged one by one: three steps,
/// and a crash ([#crash]) may come between any two. A crash leaves of a group what was synced, or
/// its first writes only.
///
/// Faults: a sync that fails. Its group, or a part of it, or nothing of it is on disk; all that
/// waits fails, the lease is lost, and after some steps the log is opened again as a crash left the
/// disk.
///
/// Another owner: a log on the same disk takes over ([#takeOver]). The one before is told later or
/// not before it tries to change something; until then it sees the tables as they were. What it
/// asked for as the owner is refused from then on; messages it may still append, as anybody may.
public final class SimLog implements QueueLog {
    private static final int PARTITIONS = 4;
    private static final int MOST_IN_GROUP = 4;
    private static final int MOST_STEPS_DOWN = 4;

    private final SimDisk disk;
    private final RandomGenerator random;
    private final double faults;
    private final Deque<Ask> asked = new ArrayDeque<>();
    private final Deque<Runnable> chunks = new ArrayDeque<>();
    private final Deque<Runnable> acknowledgements = new ArrayDeque<>();
    private final Map<MessageKey, Long> sinks = new HashMap<>();
    private final View view = new SimView();
    private final Set<Access> broken = EnumSet.noneOf(Access.class);
    private final List<Written> group = new ArrayList<>();
    private OwnerCallback owner;
    private Optional<SimDisk.Rows> past = Optional.empty();
    private long epoch;
    private int down;
    private boolean owning;
    private boolean prompt;
    private boolean closed;

    /// Makes a log.
    ///
    /// @param faults how likely a sync fails, 0 to 1
    public SimLog(SimDisk disk, RandomGenerator random, double faults) {
        this.disk = disk;
        this.random = random;
        this.faults = faults;
    }

    /// Something to be written.
    ///
    /// @param done is told what became of it
    /// @param facts says what to write, or fails
    /// @param tell tells the partition's owner of it when it is durable
    /// @param acknowledge completes what is done
    private record Ask(
            CompletableFuture<?> done, Facts facts, Runnable tell, Runnable acknowledge) {}

    /// Something that was written, and is to be synced.
    private record Written(Ask ask, SimDisk.Write write) {}

    /// What is to be written, known when it is its turn.
    @FunctionalInterface
    private interface Facts {
        PartitionState.WriteBatch now() throws NotOwnerException, QueueUnavailableException;
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
    public synchronized boolean step() {
        if (down > 0) {
            down--;
            if (down == 0) {
                assign();
            }
        } else if (owning && isDisplaced() && random.nextBoolean()) {
            lose();
        } else if (!chunks.isEmpty() && (isIdle() || random.nextBoolean())) {
            chunks.removeFirst().run();
        } else if (!acknowledgements.isEmpty()) {
            acknowledgements.removeFirst().run();
        } else if (!group.isEmpty()) {
            sync(group, acknowledgements);
        } else if (!asked.isEmpty()) {
            writeGroup();
        } else {
            return false;
        }
        return true;
    }

    private boolean isIdle() {
        return acknowledgements.isEmpty() && group.isEmpty() && asked.isEmpty();
    }

    /// Tells whether nobody else has taken over.
    public boolean isOwner() {
        return !isDisplaced();
    }

    /// Tells whether it is the owner and works.
    public boolean owns() {
        return owning && !isDisplaced();
    }

    private boolean isDisplaced() {
        return disk.owner().filter(it -> it == this).isEmpty();
    }

    /// Lets all happen that was asked for, and what is asked for meanwhile.
    ///
    /// @return in how many steps
    public int run() {
        int steps = 0;
        while (step()) {
            steps++;
        }
        return steps;
    }

    /// Runs what waits for the log: what it asks for happens at once, before what was asked for
    /// earlier.
    public <T> T promptly(Supplier<T> operation) {
        prompt = true;
        try {
            return operation.get();
        } finally {
            prompt = false;
        }
    }

    /// Ends the process at this point: what was asked for and did not happen never will, and what
    /// was not synced may be lost.
    public void crash() {
        closed = true;
        asked.clear();
        chunks.clear();
        acknowledgements.clear();
        if (isDisplaced()) {
            group.forEach(it -> disk.revoke(it.write()));
        } else {
            disk.crash(random);
        }
        group.clear();
    }

    @Override
    public int partitions() {
        return PARTITIONS;
    }

    @Override
    public void start(OwnerCallback callback) {
        owner = callback;
        takeOver();
    }

    /// Becomes the owner of all partitions. What the owner before has written and not synced is
    /// there or not, from now on for good.
    public void takeOver() {
        if (isDisplaced()) {
            run();
        }
        disk.owner().filter(it -> it != this && !it.closed).ifPresent(SimLog::displace);
        disk.crash(random);
        if (owning) {
            lose();
        }
        past = Optional.empty();
        assign();
    }

    /// Somebody else is the owner now. Nobody tells.
    private void displace() {
        past = Optional.of(disk.rows().copy());
        group.forEach(it -> acknowledgements.add(() -> fail(it.ask())));
        group.clear();
        down = 0;
    }

    private void sweep() {
        for (byte[] orphan : List.copyOf(disk.rows().table(Table.DRAFT).keySet())) {
            MessageKey place = MessageKey.of(orphan);
            List<Edit> edits = new ArrayList<>();
            chunks(place).keySet().forEach(key -> edits.add(new Edit.Delete(Table.CONTENT, key)));
            edits.addAll(PartitionState.drop(new ContentRef(place, 0, 0, 0)));
            SimDisk.Write write = disk.append(edits, Tally.ZERO);
            disk.show(write);
            disk.sync(write);
        }
        sinks.clear();
    }

    private NavigableMap<byte[], byte[]> chunks(MessageKey place) {
        return disk.rows()
                .table(Table.CONTENT)
                .subMap(
                        ContentRef.key(place, 0),
                        true,
                        ContentRef.key(place, Integer.MAX_VALUE),
                        true);
    }

    private void assign() {
        epoch = disk.own(this);
        owning = true;
        sweep();
        for (int partition = 0; partition < PARTITIONS; partition++) {
            owner.assigned(
                    new Lease(partition, epoch),
                    new Restore(partition == 0 ? disk.rows().tally() : Tally.ZERO));
        }
    }

    private void lose() {
        owning = false;
        for (int partition = 0; partition < PARTITIONS; partition++) {
            owner.lost(new Lease(partition, epoch));
        }
    }

    @Override
    public void admit(long size) throws QueueUnavailableException {
        if (closed || down > 0) {
            throw new QueueUnavailableException(false, "closed");
        }
    }

    @Override
    public CompletionStage<MessageKey> append(int partition, Entry entry) {
        MessageKey key = new MessageKey(partition, disk.nextPosition(), random.nextInt());
        CompletableFuture<MessageKey> done = new CompletableFuture<>();
        Facts facts =
                () -> {
                    if (entry.body() instanceof Entry.Body.Streamed(_, ContentRef rest)) {
                        checkOpen(rest.place());
                        sinks.remove(rest.place());
                    }
                    return PartitionState.apply(key, entry);
                };
        ask(new Ask(done, facts, () -> tellOwner(key, entry), () -> done.complete(key)));
        return done;
    }

    @Override
    public MessageKey key(Optional<MessageKey> wanted, int partition) {
        return wanted.filter(it -> it.partition() < PARTITIONS)
                .orElseGet(() -> new MessageKey(partition, disk.nextPosition(), random.nextInt()));
    }

    /// Checks that large content has not been swept.
    private void checkOpen(MessageKey place) throws QueueUnavailableException {
        Long begun = sinks.get(place);
        if (begun == null || begun != disk.epoch()) {
            throw new QueueUnavailableException(false, "it was swept");
        }
    }

    private void tellOwner(MessageKey key, Entry entry) {
        disk.owner()
                .filter(it -> it.owning)
                .ifPresent(
                        it -> it.owner.appended(new Lease(key.partition(), it.epoch), key, entry));
    }

    @Override
    public CompletionStage<List<MessageKey>> commit(Lease lease, StateBatch facts) {
        CompletableFuture<List<MessageKey>> done = new CompletableFuture<>();
        List<MessageKey> keys =
                facts.births().stream()
                        .map(
                                _ ->
                                        new MessageKey(
                                                lease.partition(),
                                                disk.nextPosition(),
                                                random.nextInt()))
                        .toList();
        Facts edits =
                () -> {
                    checkOwner(lease);
                    for (StateBatch.Change change : facts.changes()) {
                        if (change instanceof StateBatch.Change.Imported it
                                && it.body() instanceof Entry.Body.Streamed(_, ContentRef rest)) {
                            checkOpen(rest.place());
                            sinks.remove(rest.place());
                        }
                    }
                    PartitionState.WriteBatch changes = PartitionState.apply(facts);
                    List<Edit> all = new ArrayList<>(changes.edits());
                    Tally delta = changes.delta();
                    for (int i = 0; i < keys.size(); i++) {
                        PartitionState.WriteBatch birth =
                                PartitionState.apply(keys.get(i), facts.births().get(i));
                        all.addAll(birth.edits());
                        delta = delta.plus(birth.delta());
                    }
                    return new PartitionState.WriteBatch(all, delta);
                };
        ask(
                new Ask(
                        done,
                        edits,
                        () -> {
                            for (int i = 0; i < keys.size(); i++) {
                                tellOwner(keys.get(i), facts.births().get(i));
                            }
                        },
                        () -> done.complete(keys)));
        return done;
    }

    private void checkOwner(Lease lease) throws NotOwnerException {
        if (lease.epoch() != disk.epoch()) {
            throw new NotOwnerException(lease);
        }
    }

    private synchronized void ask(Ask ask) {
        if (closed || down > 0) {
            fail(ask);
        } else if (prompt) {
            List<Written> alone = new ArrayList<>();
            List<Runnable> answers = new ArrayList<>();
            write(ask, alone, answers);
            sync(alone, answers);
            answers.forEach(Runnable::run);
        } else {
            asked.add(ask);
        }
    }

    private static void fail(Ask ask) {
        ask.done().completeExceptionally(new QueueUnavailableException(false, "a fault"));
    }

    private void writeGroup() {
        int count = 1 + random.nextInt(Math.min(asked.size(), MOST_IN_GROUP));
        for (int i = 0; i < count; i++) {
            write(asked.removeFirst(), group, acknowledgements);
        }
    }

    private void write(Ask ask, List<Written> to, Collection<Runnable> answers) {
        try {
            PartitionState.WriteBatch batch = ask.facts().now();
            to.add(new Written(ask, disk.append(batch.edits(), batch.delta())));
        } catch (NotOwnerException | QueueUnavailableException e) {
            answers.add(() -> ask.done().completeExceptionally(e));
        }
    }

    private void sync(List<Written> writes, Collection<Runnable> answers) {
        List<Written> now = List.copyOf(writes);
        writes.clear();
        if (now.isEmpty()) {
            return;
        }
        if (random.nextDouble() < faults) {
            fault(now);
            return;
        }
        disk.sync(now.getLast().write());
        for (Written written : now) {
            if (written.write().isLost()) {
                answers.add(() -> fail(written.ask()));
            } else {
                disk.show(written.write());
                acknowledge(written.ask(), answers);
            }
        }
    }

    /// An owner learns of what others append from them, and so at once.
    private void acknowledge(Ask ask, Collection<Runnable> answers) {
        if (isDisplaced()) {
            ask.tell().run();
            answers.add(ask.acknowledge());
        } else {
            answers.add(
                    () -> {
                        ask.tell().run();
                        ask.acknowledge().run();
                    });
        }
    }

    /// A sync fails. Who does not own the partitions learns just that; the owner's store is opened
    /// again, with what was not synced or without.
    private void fault(List<Written> writes) {
        if (isDisplaced()) {
            writes.forEach(
                    it -> {
                        disk.revoke(it.write());
                        fail(it.ask());
                    });
            return;
        }
        down = 1 + random.nextInt(MOST_STEPS_DOWN);
        List<Ask> failed = new ArrayList<>();
        writes.forEach(it -> failed.add(it.ask()));
        group.forEach(it -> failed.add(it.ask()));
        failed.addAll(asked);
        group.clear();
        asked.clear();
        failed.forEach(SimLog::fail);
        lose();
        disk.crash(random);
    }

    @Override
    public ChunkSink openLarge(int partition) {
        MessageKey place = new MessageKey(partition, disk.nextPosition(), random.nextInt());
        sinks.put(place, epoch);
        return new SimSink(place);
    }

    @Override
    public ChunkSink openLarge(MessageKey key) {
        sinks.put(key, epoch);
        return new SimSink(key);
    }

    @Override
    public Content open(ContentRef content) {
        return new SimContent(content);
    }

    @Override
    public CompletionStage<Void> truncate(Lease lease, long low) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Facts facts =
                () -> {
                    checkOwner(lease);
                    List<Edit> edits = new ArrayList<>();
                    disk.rows()
                            .table(Table.CONTENT)
                            .subMap(
                                    ContentRef.key(new MessageKey(lease.partition(), 0, 0), 0),
                                    ContentRef.key(new MessageKey(lease.partition(), low, 0), 0))
                            .keySet()
                            .forEach(key -> edits.add(new Edit.Delete(Table.CONTENT, key)));
                    return new PartitionState.WriteBatch(edits, Tally.ZERO);
                };
        ask(new Ask(done, facts, () -> {}, () -> done.complete(null)));
        return done;
    }

    @Override
    public View view() {
        return view;
    }

    private SimDisk.Rows rows() {
        return past.orElse(disk.rows());
    }

    @Override
    public Tally tally() {
        return rows().tally();
    }

    @Override
    public void close() {
        run();
        if (!closed && !isDisplaced()) {
            disk.sync(disk.append(List.of(), Tally.ZERO));
        }
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
            return Optional.ofNullable(rows().table(table).get(key));
        }

        @Override
        public void scan(Table table, byte[] from, byte[] end, Visitor visitor) {
            use(Access.SCAN);
            NavigableMap<byte[], byte[]> all = rows().table(table);
            boolean more = true;
            for (var row = all.ceilingEntry(from); more && row != null; ) {
                boolean inside = end.length == 0 || Arrays.compareUnsigned(row.getKey(), end) < 0;
                more = inside && visitor.visit(row.getKey(), row.getValue());
                row = all.higherEntry(row.getKey());
            }
        }

        @Override
        public void arrange(List<Edit> edits) {
            use(Access.ARRANGE);
            past.ifPresentOrElse(it -> it.apply(edits, Tally.ZERO), () -> disk.write(edits));
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
            chunks.add(
                    () -> {
                        try {
                            checkOpen(place);
                            writeNow(octets);
                            done.complete(null);
                        } catch (QueueUnavailableException e) {
                            done.completeExceptionally(e);
                        }
                    });
            return done;
        }

        private void writeNow(byte[] octets) {
            disk.write(
                    List.of(
                            PartitionState.begun(place),
                            new Edit.Put(
                                    Table.CONTENT, ContentRef.key(place, written.end()), octets)));
            written = new ContentRef(place, written.size() + octets.length, 1, written.end() + 1);
        }

        @Override
        public ContentRef written() {
            return written;
        }

        /// What was asked for before the drop is written before it.
        @Override
        public void drop() {
            Runnable drop =
                    () -> {
                        sinks.remove(place);
                        if (!closed && !isDisplaced()) {
                            disk.write(PartitionState.drop(written));
                        }
                    };
            if (chunks.isEmpty()) {
                drop.run();
            } else {
                chunks.add(drop);
            }
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
                byte[] octets =
                        disk.rows().table(Table.CONTENT).get(ContentRef.key(ref.place(), chunk));
                if (octets == null) {
                    throw new IOException("chunk " + chunk + " is gone");
                }
                all.write(octets);
            }
            return new ByteArrayInputStream(all.toByteArray());
        }
    }
}
