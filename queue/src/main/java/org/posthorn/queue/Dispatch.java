package org.posthorn.queue;

import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.Recipient;
import org.posthorn.queue.Schedule.Claim;
import org.posthorn.queue.log.QueueLog;
import org.posthorn.queue.scan.Rows;
import org.posthorn.queue.state.CorruptRecordException;
import org.posthorn.queue.state.Edit;
import org.posthorn.queue.state.IndexKey;
import org.posthorn.queue.state.JobKey;
import org.posthorn.queue.state.JobRecord;
import org.posthorn.queue.state.MessageRecord;
import org.posthorn.queue.state.PartitionState;
import org.posthorn.queue.state.PartitionState.Waiting;
import org.posthorn.queue.state.StoreFailedException;
import org.posthorn.queue.state.Table;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/// Hands out jobs that are due, and knows which are handed out. Safe for use by many threads.
///
/// Whoever takes reads the indexes ([#taking], one at a time); what is in memory changes under
/// another lock, which is never held while the disk is read or written, so that settling and
/// accepting do not wait for it.
final class Dispatch implements Snapshots.Progress {
    private static final Logger LOG = LoggerFactory.getLogger(Dispatch.class);
    private static final int MOST_READ = 512;
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);
    private static final Duration SHORTEST_WAIT = Duration.ofMillis(5);

    private final QueueLog log;
    private final Records records;
    private final InstantSource clock;
    private final ReentrantLock taking = new ReentrantLock();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Schedule schedule;
    private final Map<JobKey, Active> active = new HashMap<>();
    private final Set<JobKey> touched = new HashSet<>();
    private final FoundDamage damage;
    private long changes;
    private volatile boolean parkedUnknown = true;
    private boolean owned;
    private boolean closed;

    /// Makes it.
    ///
    /// @param damage is told of what cannot be read
    Dispatch(QueueLog log, LaneLimits limits, InstantSource clock, FoundDamage damage) {
        this.log = log;
        this.damage = damage;
        this.records = new Records(log.view());
        this.clock = clock;
        this.schedule = new Schedule(limits);
    }

    /// A job that is handed out.
    ///
    /// @param claim how it was found
    /// @param message its message
    /// @param record how far it had got
    record Active(Claim claim, MessageRecord message, JobRecord record) {}

    /// Waits for a job.
    Job take() throws InterruptedException {
        while (true) {
            long seen = changes();
            Optional<Job> job = poll();
            if (job.isPresent()) {
                return job.get();
            }
            await(seen);
        }
    }

    private long changes() {
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("the queue is closed");
            }
            return changes;
        } finally {
            lock.unlock();
        }
    }

    private void await(long seen) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long rest = untilDue().toNanos();
            while (changes == seen && rest > 0) {
                rest = changed.awaitNanos(rest);
            }
        } finally {
            lock.unlock();
        }
    }

    private Duration untilDue() {
        if (!owned || !schedule.hungry(active.size())) {
            return LONGEST_WAIT;
        }
        Duration wait = Duration.between(clock.instant(), schedule.nextDue());
        return wait.compareTo(SHORTEST_WAIT) < 0
                ? SHORTEST_WAIT
                : wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait;
    }

    /// Returns a job if one is due now and may be handed out.
    Optional<Job> poll() throws InterruptedException {
        taking.lockInterruptibly();
        try {
            boolean more;
            do {
                more = hungry() && read();
                for (Optional<Claim> claim = next(); claim.isPresent(); claim = next()) {
                    Optional<Job> job = hand(claim.get());
                    if (job.isPresent()) {
                        return job;
                    }
                }
            } while (more || isMoreToRead());
            return Optional.empty();
        } catch (StoreFailedException e) {
            LOG.debug("no job now: {}", e.getMessage());
            return Optional.empty();
        } catch (CorruptRecordException e) {
            complain(e);
            return Optional.empty();
        } finally {
            taking.unlock();
        }
    }

    private Optional<Job> hand(Claim claim) {
        try {
            return overShare(claim) ? Optional.empty() : load(claim);
        } catch (StoreFailedException | CorruptRecordException e) {
            quietly(() -> schedule.release(claim, true));
            throw e;
        }
    }

    /// Names damage of an index that cannot be passed by.
    private void complain(CorruptRecordException e) {
        damage.add("an index is damaged, and jobs behind the damage wait: " + e.getMessage());
    }

    /// Parks a job that is next, when its source has its share of what is handed out.
    ///
    /// @return whether that was so
    private boolean overShare(Claim claim) {
        if (!locked(() -> schedule.isOverShare(claim))) {
            return false;
        }
        Parking parking = new Parking(claim, claim.entry().share());
        park(List.of(parking));
        run(() -> schedule.markParked(parking.group(), parking.key()));
        pass(claim, Optional.empty());
        return true;
    }

    private boolean hungry() {
        return locked(() -> owned && schedule.hungry(active.size()));
    }

    /// Tells whether a claim that has just ended leaves something to be read.
    private boolean isMoreToRead() {
        Instant now = clock.instant();
        return hungry() && locked(() -> schedule.isToBeRead(now));
    }

    private Optional<Claim> next() {
        return locked(() -> schedule.next(active.size()));
    }

    /// Fills the window.
    ///
    /// @return whether there may be more to read at once
    private boolean read() {
        if (parkedUnknown) {
            parkedUnknown = false;
            try {
                findParked();
            } catch (StoreFailedException | CorruptRecordException e) {
                parkedUnknown = true;
                throw e;
            }
        }
        Optional<Schedule.Refill> refill = locked(schedule::refill);
        refill.ifPresent(this::refill);
        return readDue() || refill.isPresent();
    }

    /// Finds the destinations that had parked jobs when this process or lease began.
    private void findParked() {
        Cursor cursor = new Cursor(new byte[0]);
        do {
            cursor.stopped = false;
            try {
                log.view()
                        .scan(
                                Table.PARKED,
                                cursor.key,
                                new byte[0],
                                (key, value) -> {
                                    cursor.stopped = true;
                                    try {
                                        String group = IndexKey.group(key);
                                        cursor.key = IndexKey.behind(IndexKey.parked(group));
                                        run(() -> schedule.markParked(group, key));
                                    } catch (CorruptRecordException e) {
                                        cursor.passed(key);
                                        setAside(Table.PARKED, key, value, e);
                                    }
                                    return false;
                                });
            } catch (CorruptRecordException e) {
                cursor.stopped = pass(Table.PARKED, cursor, e);
            }
        } while (cursor.stopped);
    }

    /// Goes on behind a part of an index that cannot be read.
    ///
    /// @return whether anything is there
    private boolean pass(Table table, Cursor cursor, CorruptRecordException why) {
        damage.add(
                "part of an index cannot be read, and the jobs in it wait for posthorn queue repair: "
                        + why.getMessage());
        Optional<byte[]> behind = Rows.behind(log.view(), table, cursor.key);
        behind.ifPresent(it -> cursor.key = it);
        return behind.isPresent();
    }

    private void refill(Schedule.Refill refill) {
        String group = refill.group();
        Cursor cursor = new Cursor(refill.from());
        List<Edit> stale = new ArrayList<>();
        List<Parking> moved = new ArrayList<>();
        try {
            scanParked(refill, cursor, stale, moved);
            if (!stale.isEmpty()) {
                log.view().arrange(stale);
            }
            park(moved);
        } catch (StoreFailedException | CorruptRecordException e) {
            quietly(() -> schedule.refilled(group, Optional.of(cursor.key)));
            throw e;
        } finally {
            parked(moved);
        }
        run(
                () ->
                        schedule.refilled(
                                group,
                                cursor.stopped ? Optional.of(cursor.key) : Optional.empty()));
    }

    private void scanParked(
            Schedule.Refill refill, Cursor cursor, List<Edit> stale, List<Parking> moved) {
        String group = refill.group();
        try {
            log.view()
                    .scan(
                            Table.PARKED,
                            refill.from(),
                            IndexKey.behind(IndexKey.parked(group)),
                            (key, value) -> {
                                Optional<Waiting> entry = parkedEntry(key, value);
                                cursor.key = key;
                                return entry.isEmpty()
                                        || refill(refill, cursor, entry.get(), stale, moved);
                            });
        } catch (CorruptRecordException e) {
            cursor.stopped = pass(Table.PARKED, cursor, e);
        }
    }

    private Optional<Waiting> parkedEntry(byte[] key, byte[] value) {
        try {
            return Optional.of(PartitionState.parked(key, value));
        } catch (CorruptRecordException e) {
            setAside(Table.PARKED, key, value, e);
            return Optional.empty();
        }
    }

    /// Takes an entry of the index of parked jobs.
    ///
    /// @return whether to go on with the next
    private boolean refill(
            Schedule.Refill refill,
            Cursor cursor,
            Waiting entry,
            List<Edit> stale,
            List<Parking> moved) {
        Claim claim = new Claim(entry, Optional.of(refill.group()));
        if (locked(() -> !touched.contains(claim.job()) && schedule.isStale(claim))) {
            stale.add(indexed(claim));
        }
        if (locked(() -> schedule.hasClaimed(claim.job()))) {
            return true;
        }
        Optional<Parking> elsewhere = claim(claim);
        cursor.stopped =
                ++cursor.count > Math.min(MOST_READ, refill.most())
                        || elsewhere.filter(it -> it.group().equals(refill.group())).isPresent();
        if (elsewhere.isPresent() && cursor.stopped) {
            quietly(
                    () -> {
                        schedule.free(claim.job());
                        seeAgain(claim.job());
                    });
        } else {
            elsewhere.ifPresent(moved::add);
        }
        return !cursor.stopped;
    }

    /// Reads what is due, up to a bound.
    ///
    /// @return whether there is more
    private boolean readDue() {
        Instant now = clock.instant();
        Optional<byte[]> start = locked(() -> schedule.beginReading(now));
        if (start.isEmpty()) {
            return false;
        }
        List<Parking> toPark = new ArrayList<>();
        Cursor cursor = new Cursor(start.get());
        boolean damaged = false;
        try {
            damaged = !scanDue(now, cursor, toPark);
            park(toPark);
        } finally {
            parked(toPark);
        }
        boolean more = damaged || cursor.count > MOST_READ;
        Instant next = damaged ? Instant.MIN : cursor.next;
        run(() -> schedule.endReading(cursor.key, next));
        return more;
    }

    /// Reads the due index.
    ///
    /// @return false when it is damaged, and read up to behind the damage only
    private boolean scanDue(Instant now, Cursor cursor, List<Parking> toPark) {
        try {
            log.view()
                    .scan(
                            Table.DUE,
                            cursor.key,
                            new byte[0],
                            (key, value) -> {
                                Optional<Instant> due = due(key, value);
                                cursor.stopped =
                                        due.filter(it -> it.isAfter(now)).isPresent()
                                                || ++cursor.count > MOST_READ;
                                if (cursor.stopped) {
                                    cursor.next = due.orElse(now);
                                } else {
                                    due.flatMap(_ -> found(key, value)).ifPresent(toPark::add);
                                    cursor.passed(key);
                                }
                                return !cursor.stopped;
                            });
            return true;
        } catch (CorruptRecordException e) {
            return !pass(Table.DUE, cursor, e);
        }
    }

    private Optional<Instant> due(byte[] key, byte[] value) {
        try {
            return Optional.of(IndexKey.due(key).due());
        } catch (CorruptRecordException e) {
            setAside(Table.DUE, key, value, e);
            return Optional.empty();
        }
    }

    /// How far an index was read.
    private static final class Cursor {
        private byte[] key;
        private Instant next = Instant.MAX;
        private int count;
        private boolean stopped;

        Cursor(byte[] key) {
            this.key = key;
        }

        void passed(byte[] last) {
            key = Arrays.copyOf(last, last.length + 1);
        }
    }

    /// A job that is to be parked.
    ///
    /// @param claim how it was found
    /// @param group with which others
    private record Parking(Claim claim, String group) {
        JobKey job() {
            return claim.job();
        }

        byte[] key() {
            return IndexKey.parked(group, claim.entry().turn(), job());
        }
    }

    /// Claims an entry of the due index, or returns what is to be parked.
    private Optional<Parking> found(byte[] key, byte[] value) {
        try {
            return claim(new Claim(PartitionState.due(key, value), Optional.empty()));
        } catch (CorruptRecordException e) {
            setAside(Table.DUE, key, value, e);
            return Optional.empty();
        }
    }

    private Optional<Parking> claim(Claim claim) {
        return locked(
                () -> {
                    Optional<String> group = schedule.claim(claim);
                    group.ifPresent(_ -> schedule.parking(claim.job()));
                    return group.map(it -> new Parking(claim, it));
                });
    }

    private void park(List<Parking> jobs) {
        List<Edit> edits = new ArrayList<>();
        for (Parking it : jobs) {
            edits.add(indexed(it.claim()));
            edits.add(PartitionState.park(it.group(), it.claim().entry()));
        }
        if (!edits.isEmpty()) {
            log.view().arrange(edits);
        }
    }

    /// Notes what was parked or, where the store failed, is where it was and read again.
    private void parked(List<Parking> jobs) {
        quietly(
                () ->
                        jobs.forEach(
                                it -> {
                                    schedule.parked(it.job(), it.group(), it.key());
                                    it.claim()
                                            .group()
                                            .ifPresent(
                                                    from ->
                                                            schedule.markParked(
                                                                    from, it.claim().key()));
                                    seeAgain(it.job());
                                }));
    }

    /// Reads what is to be handed out. An index entry is only a hint: the record says whether the
    /// job is due.
    private Optional<Job> load(Claim claim) {
        Optional<JobRecord> job = Optional.empty();
        try {
            job = records.job(claim.job());
            Optional<MessageRecord> message =
                    job.isPresent() ? records.message(claim.job().message()) : Optional.empty();
            if (job.isEmpty() || message.isEmpty()) {
                log.view().arrange(List.of(indexed(claim)));
            } else if (job.get().hold().isEmpty() && job.get().due().equals(claim.due())) {
                Active its = new Active(claim, message.get(), job.get());
                Job handedOut = job(its);
                run(
                        () -> {
                            active.put(claim.job(), its);
                            schedule.handedOut(claim);
                        });
                return Optional.of(handedOut);
            } else if (claim.parked()) {
                // Somebody changed the job while it was being parked. Only we write this index.
                log.view().arrange(List.of(indexed(claim)));
            }
        } catch (CorruptRecordException e) {
            setAside(
                    claim.parked() ? Table.PARKED : Table.DUE,
                    indexed(claim).key(),
                    new byte[0],
                    e);
        }
        pass(claim, job);
        return Optional.empty();
    }

    /// Ends the claim on a job that is not to be handed out for it. The entry that does lead to the
    /// job may have been passed while the claim stood: in the due index, where the claim came from
    /// there, since what is claimed is not parked.
    private void pass(Claim claim, Optional<JobRecord> job) {
        run(
                () -> {
                    schedule.release(claim, false);
                    seeAgain(claim.job());
                    job.filter(it -> it.hold().isEmpty() && !it.due().equals(claim.due()))
                            .ifPresent(
                                    it -> {
                                        if (claim.parked()) {
                                            seek(Waiting.of(claim.job(), it));
                                        } else {
                                            arrive(claim.job(), it);
                                        }
                                    });
                });
    }

    /// Finds a job again that was changed while it was somebody's.
    private void seeAgain(JobKey job) {
        if (touched.remove(job)) {
            schedule.readAgain();
        }
    }

    private static Edit.Delete indexed(Claim claim) {
        return new Edit.Delete(claim.parked() ? Table.PARKED : Table.DUE, claim.key());
    }

    private Job job(Active its) {
        JobKey key = its.claim().job();
        List<Recipient> all = its.message().envelope().recipients();
        if (its.record().waiting().stream().anyMatch(it -> it.recipient() >= all.size())) {
            throw new CorruptRecordException(
                    key + ": the job has a recipient that its message has not");
        }
        Envelope envelope =
                new Envelope(
                        its.message().envelope().sender(),
                        its.message().envelope().parameters(),
                        its.record().waiting().stream()
                                .map(it -> all.get(it.recipient()))
                                .toList());
        return new Job(
                key.message().id(),
                key.number(),
                new Destination(its.record().destination()),
                envelope,
                log.open(its.message().content()),
                its.message().metadata(),
                its.message().acceptedAt(),
                its.record().due(),
                its.record().attempts(),
                Mark.of(its.record().marks()),
                its.record().orders().route(),
                its.record().orders().bounce());
    }

    /// Takes an entry that leads to something unreadable out of its index, so that the others go
    /// on, and keeps it for a person.
    private void setAside(Table table, byte[] key, byte[] value, CorruptRecordException why) {
        damage.add("a job is set aside, its records stay in the store: " + why.getMessage());
        log.view()
                .arrange(
                        List.of(
                                new Edit.Put(Table.ASIDE, table.asideKey(key), value),
                                new Edit.Delete(table, key)));
    }

    /// Returns a job that is handed out.
    Optional<Active> find(JobKey job) {
        return locked(() -> Optional.ofNullable(active.get(job)));
    }

    @Override
    public boolean isActive(JobKey job) {
        return find(job).isPresent();
    }

    /// Notes that somebody else has changed a job, so that its record must be read again by who had
    /// read it before.
    void touch(JobKey job) {
        run(
                () -> {
                    if (schedule.hasClaimed(job)) {
                        touched.add(job);
                    }
                });
    }

    /// Returns why a job that is due is not handed out yet.
    @Override
    public String delay(JobRecord record) {
        return locked(() -> schedule.delay(record, active.size()));
    }

    /// Tells whether a job was changed by somebody else since it was handed out.
    boolean touched(JobKey job) {
        return locked(() -> touched.contains(job));
    }

    int active() {
        return locked(active::size);
    }

    /// A job came into the queue or became due another time, and is not handed out.
    void arrived(JobKey job, JobRecord record) {
        if (record.hold().isEmpty()) {
            run(() -> arrive(job, record));
        }
    }

    private void arrive(JobKey job, JobRecord record) {
        if (record.due().isAfter(clock.instant())) {
            schedule.willBeDue(job, record.due());
        } else {
            schedule.offer(new Claim(Waiting.of(job, record), Optional.empty()));
        }
    }

    /// A job that was handed out has been settled.
    ///
    /// @param after what it is now, if it is still there
    void settled(Active its, Optional<JobRecord> after) {
        run(
                () -> {
                    active.remove(its.claim().job());
                    touched.remove(its.claim().job());
                    schedule.release(its.claim(), false);
                    schedule.returned(its.claim());
                    after.filter(it -> it.hold().isEmpty())
                            .ifPresent(it -> arrive(its.claim().job(), it));
                });
    }

    /// A job that was handed out is due as before.
    void again(Active its) {
        run(
                () -> {
                    Claim claim = its.claim();
                    active.remove(claim.job());
                    schedule.release(claim, true);
                    schedule.returned(claim);
                    if (touched.remove(claim.job())) {
                        schedule.readAgain();
                        seek(claim.entry());
                    }
                });
    }

    /// A job that was handed out is another by now: it is due as its record says.
    void changed(Active its, JobRecord now) {
        run(
                () -> {
                    active.remove(its.claim().job());
                    touched.remove(its.claim().job());
                    schedule.release(its.claim(), false);
                    schedule.returned(its.claim());
                    seek(Waiting.of(its.claim().job(), now));
                });
    }

    /// Has a job looked for that may stand in either index, and may have been passed there.
    private void seek(Waiting entry) {
        schedule.willBeDue(entry.job(), entry.due());
        schedule.markParked(entry.lanes(), IndexKey.parked(entry.lanes()));
        if (!entry.source().isEmpty()) {
            schedule.markParked(entry.share(), IndexKey.parked(entry.share()));
        }
    }

    /// All that was read may be wrong now: it is read anew, once partitions are ours; what is
    /// handed out as well, when it is settled.
    ///
    /// @param ours whether they are
    void reset(boolean ours) {
        run(
                () -> {
                    owned = ours;
                    parkedUnknown = true;
                    touched.addAll(active.keySet());
                    schedule.reset();
                });
    }

    /// Makes those who wait look again.
    void wake() {
        run(() -> {});
    }

    void close() {
        run(() -> closed = true);
    }

    private void run(Runnable change) {
        locked(
                () -> {
                    change.run();
                    changes++;
                    changed.signalAll();
                    return true;
                });
    }

    /// Changes something for which nobody is to look again at once: what failed would fail again.
    private void quietly(Runnable change) {
        locked(
                () -> {
                    change.run();
                    return true;
                });
    }

    private <T> T locked(Supplier<T> read) {
        lock.lock();
        try {
            return read.get();
        } finally {
            lock.unlock();
        }
    }
}
