package org.posthorn.queue;

import org.posthorn.api.mail.Domain;
import org.posthorn.queue.state.IndexKey;
import org.posthorn.queue.state.JobKey;
import org.posthorn.queue.state.JobRecord;
import org.posthorn.queue.state.PartitionState.Waiting;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Queue;

/// Which due job is next: all that is in memory of the queue's order, bounded whatever the length
/// of the queue.
///
/// A job that is due is *claimed* when it is found: it gets one of its destination's lanes and goes
/// into the *window* of those that are handed out next; or, while all lanes are in use, it waits
/// with a few others of its destination; or, when those are many, it is not claimed but *parked* on
/// disk, out of the due index, until a lane is free. So one pass over the due index leaves nothing
/// in it that could not be handed out, and a destination that does not answer costs the others
/// nothing.
///
/// A job whose source, the sender or its tenant, has its share of what is handed out already is
/// parked likewise, with the others of its source. One that is in the window when the share is used
/// up goes there as well.
///
/// Within a destination, waiting and parked jobs go by their *turn*: the time since which they are
/// due, moved to the past for urgent ones, to the future for those that are not (RFC 6710). Each
/// step of priority counts ten minutes, so the least urgent job goes at the latest three hours
/// after the most urgent one that fell due with it, and none waits for ever. The few that wait in
/// memory already (64, and as many that are read next) are not overtaken by parked ones.
///
/// Not safe for use by many threads: the queue's lock guards it.
final class Schedule {
    private static final int MOST_IN_WINDOW = 256;
    private static final int MOST_WAITING = 4096;
    private static final int MOST_WAITING_PER_LANE = 64;

    private static final byte[] FIRST = {};
    private static final Comparator<Claim> BY_TURN =
            Comparator.comparing((Claim claim) -> claim.entry().turn())
                    .thenComparing(claim -> claim.job().message())
                    .thenComparingInt(claim -> claim.job().number());

    private final LaneLimits limits;
    private final Deque<Claim> window = new ArrayDeque<>();
    private final Map<JobKey, Optional<Claim>> out = new HashMap<>();
    private final Map<String, Lanes> lanes = new HashMap<>();
    private final Queue<String> refills = new ArrayDeque<>();
    private int waiting;
    private int passed;
    private byte[] cursor = FIRST;
    private Instant nextDue = Instant.MIN;
    private Optional<byte[]> notedKey = Optional.empty();
    private Instant notedDue = Instant.MAX;

    /// A job that was found due.
    ///
    /// @param entry what its index says of it
    /// @param group with which others it is parked; nothing when it came from the due index
    record Claim(Waiting entry, Optional<String> group) {
        boolean parked() {
            return group.isPresent();
        }

        JobKey job() {
            return entry.job();
        }

        Instant due() {
            return entry.due();
        }

        /// Returns the key of its index entry.
        byte[] key() {
            return group.map(it -> IndexKey.parked(it, entry.turn(), job()))
                    .orElseGet(() -> IndexKey.due(due(), job()));
        }
    }

    /// What is known of a destination, or of a source, while it has jobs in memory or parked. Those
    /// that wait in memory wait for their destination.
    private final class Lanes {
        private final Optional<Destination> destination;
        private final Queue<Claim> waiting = new PriorityQueue<>(1, BY_TURN);
        private int used;
        private boolean parked;
        private boolean refilling;
        private Optional<byte[]> noted = Optional.empty();
        private byte[] cursor = FIRST;

        Lanes(String group) {
            destination =
                    IndexKey.isOfSource(group)
                            ? Optional.empty()
                            : Optional.of(new Destination(Domain.parse(group)));
        }

        int free() {
            return destination.map(limits::lanes).orElseGet(limits::share) - used;
        }

        /// Notes that jobs are parked, the first of them at a key.
        void park(byte[] key) {
            parked = true;
            noted = Optional.of(lower(noted.orElse(key), key));
            cursor = lower(cursor, key);
        }
    }

    Schedule(LaneLimits limits) {
        this.limits = limits;
    }

    /// Forgets all claims that were not handed out. All indexes are to be read again.
    void reset() {
        window.forEach(
                claim -> {
                    out.remove(claim.job());
                    Objects.requireNonNull(lanes.get(claim.entry().lanes())).used--;
                });
        window.clear();
        lanes.values()
                .forEach(
                        it -> {
                            it.waiting.forEach(claim -> out.remove(claim.job()));
                            it.waiting.clear();
                            it.parked = false;
                            it.refilling = false;
                        });
        lanes.values().removeIf(it -> it.used == 0);
        refills.clear();
        waiting = 0;
        readAgain();
    }

    /// Hands out the next job, unless as many as allowed are handed out.
    Optional<Claim> next(int active) {
        if (active >= limits.active() || window.isEmpty()) {
            return Optional.empty();
        }
        passed++;
        return Optional.of(window.remove());
    }

    /// Tells whether more jobs are wanted in the window: when it is empty, and from time to time
    /// when new mail alone keeps it from being so, that what waits on disk has its turn as well.
    boolean hungry(int active) {
        boolean turn = passed >= MOST_IN_WINDOW && window.size() <= MOST_IN_WINDOW;
        return active < limits.active() && (window.isEmpty() || turn);
    }

    /// Claims a job that is due.
    ///
    /// @return nothing when somebody has it now; otherwise the group in which it is to be parked
    Optional<String> claim(Claim claim) {
        if (out.containsKey(claim.job())) {
            return Optional.empty();
        }
        if (isOverShare(claim) || isBehind(claim)) {
            return Optional.of(claim.entry().share());
        }
        Lanes its = lanes.computeIfAbsent(claim.entry().lanes(), Lanes::new);
        if (its.free() > 0) {
            its.used++;
            window.add(claim);
        } else if (its.waiting.size() < MOST_WAITING_PER_LANE && waiting < MOST_WAITING) {
            its.waiting.add(claim);
            waiting++;
        } else {
            return Optional.of(claim.entry().lanes());
        }
        out.put(claim.job(), Optional.of(claim));
        return Optional.empty();
    }

    /// Tells whether a job's source has as many jobs handed out as it may have.
    boolean isOverShare(Claim claim) {
        Lanes its = lanes.get(claim.entry().share());
        return its != null && its.free() <= 0;
    }

    /// Tells whether others of a job's source are parked, who were there before it.
    private boolean isBehind(Claim claim) {
        Lanes its = lanes.get(claim.entry().share());
        return its != null && its.parked && !claim.parked();
    }

    /// Tells whether an index is to be read, for jobs that are due now.
    boolean isToBeRead(Instant now) {
        return !refills.isEmpty() || !nextDue.isAfter(now);
    }

    /// Counts a job that is handed out.
    void handedOut(Claim claim) {
        if (!claim.entry().source().isEmpty()) {
            lanes.computeIfAbsent(claim.entry().share(), Lanes::new).used++;
        }
    }

    /// Counts a job that was handed out and is not any more.
    void returned(Claim claim) {
        Lanes its = lanes.get(claim.entry().share());
        if (its != null) {
            its.used--;
            pass(claim.entry().share(), its);
        }
    }

    /// Returns why a job for a destination that is due is not handed out yet.
    String delay(JobRecord job, int active) {
        Domain destination = job.destination();
        int allowed = limits.lanes(new Destination(destination));
        Lanes its = lanes.get(IndexKey.group(destination));
        if (its != null && its.used >= allowed) {
            return "all " + allowed + " lanes to " + destination + " are in use";
        }
        Lanes share = lanes.get(IndexKey.group(job.source()));
        if (share != null && share.free() <= 0) {
            return job.source() + " has its share of what is in progress: " + limits.share();
        }
        return active >= limits.active()
                ? "as many as allowed are in progress: " + limits.active()
                : "it is its turn soon";
    }

    /// Tells whether somebody has a job, or will have it next.
    boolean hasClaimed(JobKey job) {
        return out.containsKey(job);
    }

    /// Tells whether an entry of the index of parked jobs leads nowhere: the job was claimed by its
    /// entry in the due index, which has another time.
    boolean isStale(Claim parked) {
        return out.getOrDefault(parked.job(), Optional.empty())
                .filter(it -> !it.parked() && !it.due().equals(parked.due()))
                .isPresent();
    }

    /// Offers a job that has just fallen due by itself: it is claimed if that is cheap, and found
    /// in the index otherwise.
    void offer(Claim claim) {
        Lanes its = lanes.get(claim.entry().lanes());
        Lanes share = lanes.get(claim.entry().share());
        boolean behind = its != null && its.parked || share != null && share.parked;
        if (behind || window.size() >= MOST_IN_WINDOW || claim(claim).isPresent()) {
            willBeDue(claim.job(), claim.due());
        }
    }

    /// Has the due index read from its beginning: a job that was somebody's was changed meanwhile,
    /// and the entry that leads to it now may have been passed.
    void readAgain() {
        cursor = FIRST;
        nextDue = Instant.MIN;
        notedKey = Optional.of(FIRST);
        notedDue = Instant.MIN;
    }

    /// Notes that a job is in the due index.
    void willBeDue(JobKey job, Instant due) {
        byte[] key = IndexKey.due(due, job);
        cursor = lower(cursor, key);
        nextDue = earlier(nextDue, due);
        notedKey = Optional.of(lower(notedKey.orElse(key), key));
        notedDue = earlier(notedDue, due);
    }

    /// Keeps a job out of everybody's hands while it is being parked.
    void parking(JobKey job) {
        out.put(job, Optional.empty());
    }

    /// Ends that.
    void free(JobKey job) {
        out.remove(job);
    }

    /// Notes that a job is parked.
    void parked(JobKey job, String group, byte[] key) {
        out.remove(job);
        markParked(group, key);
    }

    /// Notes that a group has parked jobs.
    ///
    /// @param key of the first
    void markParked(String group, byte[] key) {
        Lanes its = lanes.computeIfAbsent(group, Lanes::new);
        its.park(key);
        refillIfFree(group, its);
    }

    /// Ends a claim, handed out or not: the next one of its destination gets the lane.
    ///
    /// @param again whether the job stays due where it was found
    void release(Claim claim, boolean again) {
        out.remove(claim.job());
        Lanes its = lanes.get(claim.entry().lanes());
        if (its != null) {
            its.used--;
            pass(claim.entry().lanes(), its);
        }
        if (again) {
            claim.group().ifPresent(it -> markParked(it, claim.key()));
        }
        if (again && !claim.parked()) {
            willBeDue(claim.job(), claim.due());
        }
    }

    private void pass(String group, Lanes its) {
        while (!its.waiting.isEmpty() && its.free() > 0) {
            window.add(its.waiting.remove());
            waiting--;
            its.used++;
        }
        refillIfFree(group, its);
        if (its.used == 0 && its.waiting.isEmpty() && !its.parked) {
            lanes.remove(group);
        }
    }

    private void refillIfFree(String group, Lanes its) {
        if (its.parked && !its.refilling && its.waiting.isEmpty() && its.free() > 0) {
            its.refilling = true;
            refills.add(group);
        }
    }

    /// Returns a group whose parked jobs are to be read, and from which key on.
    Optional<Refill> refill() {
        String group = refills.poll();
        if (group == null) {
            return Optional.empty();
        }
        Lanes its = lanes.get(group);
        if (its != null) {
            its.noted = Optional.empty();
        }
        return its == null
                ? refill()
                : Optional.of(
                        new Refill(
                                group,
                                its.cursor.length == 0 ? IndexKey.parked(group) : its.cursor,
                                its.destination.isEmpty() ? its.free() : Integer.MAX_VALUE));
    }

    /// Parked jobs to be read.
    ///
    /// @param group whose
    /// @param from the first key
    /// @param most how many at the most
    @SuppressWarnings("ArrayRecordComponent")
    record Refill(String group, byte[] from, int most) {}

    /// Notes how far the parked jobs of a group were read.
    ///
    /// @param from where to go on, or nothing when there are no more
    void refilled(String group, Optional<byte[]> from) {
        Lanes its = lanes.get(group);
        if (its != null) {
            its.refilling = false;
            its.parked = from.isPresent() || its.noted.isPresent();
            its.cursor =
                    from.isPresent() && its.noted.isPresent()
                            ? lower(from.get(), its.noted.get())
                            : from.or(() -> its.noted).orElse(FIRST);
            pass(group, its);
        }
    }

    /// Begins to read the due index, if something in it is due.
    ///
    /// @return the first key to read
    Optional<byte[]> beginReading(Instant now) {
        passed = 0;
        notedKey = Optional.empty();
        notedDue = Instant.MAX;
        return nextDue.isAfter(now) ? Optional.empty() : Optional.of(cursor);
    }

    /// Ends reading. What was noted meanwhile may lie before the place that was read to, and is
    /// read next.
    ///
    /// @param from the first key that was not read
    /// @param next when the job there falls due
    void endReading(byte[] from, Instant next) {
        cursor = notedKey.map(it -> lower(it, from)).orElse(from);
        nextDue = earlier(next, notedDue);
    }

    /// Returns when the next job falls due that is not known yet; long ago when some are due
    /// already.
    Instant nextDue() {
        return nextDue;
    }

    private static byte[] lower(byte[] one, byte[] other) {
        return Arrays.compareUnsigned(one, other) <= 0 ? one : other;
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }
}
