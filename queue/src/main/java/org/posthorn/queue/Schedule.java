package org.posthorn.queue;

import org.posthorn.api.mail.Domain;
import org.posthorn.queue.state.IndexKey;
import org.posthorn.queue.state.JobKey;
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
    private final Map<Domain, Lanes> lanes = new HashMap<>();
    private final Queue<Domain> refills = new ArrayDeque<>();
    private int waiting;
    private int passed;
    private byte[] cursor = FIRST;
    private Instant nextDue = Instant.MIN;
    private Optional<byte[]> notedKey = Optional.empty();
    private Instant notedDue = Instant.MAX;

    /// A job that was found due.
    ///
    /// @param entry what its index says of it
    /// @param parked whether it came from the index of parked jobs
    record Claim(Waiting entry, boolean parked) {
        JobKey job() {
            return entry.job();
        }

        Instant due() {
            return entry.due();
        }

        Domain destination() {
            return entry.destination();
        }
    }

    /// What is known of a destination while it has jobs in memory or parked.
    private static final class Lanes {
        private final Queue<Claim> waiting = new PriorityQueue<>(1, BY_TURN);
        private int used;
        private boolean parked;
        private boolean refilling;
        private boolean noted;
        private byte[] cursor = FIRST;

        /// Notes that a job is parked, wherever in the index.
        void park() {
            parked = true;
            noted = true;
            cursor = FIRST;
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
                    Objects.requireNonNull(lanes.get(claim.destination())).used--;
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
        cursor = FIRST;
        nextDue = Instant.MIN;
        notedKey = Optional.of(FIRST);
        notedDue = Instant.MIN;
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
    /// @return whether somebody has it now; otherwise it is to be parked
    boolean claim(Claim claim) {
        if (out.containsKey(claim.job())) {
            return true;
        }
        Lanes its = lanes.computeIfAbsent(claim.destination(), _ -> new Lanes());
        if (its.used < limits.lanes(new Destination(claim.destination()))) {
            its.used++;
            window.add(claim);
        } else if (its.waiting.size() < MOST_WAITING_PER_LANE && waiting < MOST_WAITING) {
            its.waiting.add(claim);
            waiting++;
        } else {
            return false;
        }
        out.put(claim.job(), Optional.of(claim));
        return true;
    }

    /// Returns why a job for a destination that is due is not handed out yet.
    String delay(Domain destination, int active) {
        int allowed = limits.lanes(new Destination(destination));
        Lanes its = lanes.get(destination);
        if (its != null && its.used >= allowed) {
            return "all " + allowed + " lanes to " + destination + " are in use";
        }
        return active >= limits.active()
                ? "as many as allowed are in progress: " + limits.active()
                : "it is its turn soon";
    }

    /// Tells whether somebody has a job, or will have it next.
    boolean hasClaimed(JobKey job) {
        return out.containsKey(job);
    }

    /// Tells whether a parked job was claimed by another entry than this one, which then leads
    /// nowhere: a job has one.
    boolean hasClaimedOtherwise(Claim parked) {
        return out.getOrDefault(parked.job(), Optional.empty())
                .filter(it -> !it.equals(parked))
                .isPresent();
    }

    /// Offers a job that has just fallen due by itself: it is claimed if that is cheap, and found
    /// in the index otherwise.
    void offer(Claim claim) {
        Lanes its = lanes.get(claim.destination());
        boolean behind = its != null && its.parked;
        if (behind || window.size() >= MOST_IN_WINDOW || !claim(claim)) {
            willBeDue(claim.job(), claim.due());
        }
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

    /// Notes that a job is parked.
    void parked(JobKey job, Domain destination) {
        out.remove(job);
        markParked(destination);
    }

    /// Notes that a destination has parked jobs.
    void markParked(Domain destination) {
        Lanes its = lanes.computeIfAbsent(destination, _ -> new Lanes());
        its.park();
        refillIfFree(destination, its);
    }

    /// Ends a claim, handed out or not: the next one of its destination gets the lane.
    ///
    /// @param again whether the job stays due where it was found
    void release(Claim claim, boolean again) {
        out.remove(claim.job());
        Lanes its = lanes.get(claim.destination());
        if (its != null) {
            its.used--;
            if (again && claim.parked()) {
                its.park();
            }
            pass(claim.destination(), its);
        }
        if (again && !claim.parked()) {
            willBeDue(claim.job(), claim.due());
        }
    }

    private void pass(Domain destination, Lanes its) {
        while (!its.waiting.isEmpty() && its.used < limits.lanes(new Destination(destination))) {
            window.add(its.waiting.remove());
            waiting--;
            its.used++;
        }
        refillIfFree(destination, its);
        if (its.used == 0 && its.waiting.isEmpty() && !its.parked) {
            lanes.remove(destination);
        }
    }

    private void refillIfFree(Domain destination, Lanes its) {
        if (its.parked
                && !its.refilling
                && its.waiting.isEmpty()
                && its.used < limits.lanes(new Destination(destination))) {
            its.refilling = true;
            refills.add(destination);
        }
    }

    /// Returns a destination whose parked jobs are to be read, and from which key on.
    Optional<Refill> refill() {
        Domain destination = refills.poll();
        if (destination == null) {
            return Optional.empty();
        }
        Lanes its = lanes.get(destination);
        if (its != null) {
            its.noted = false;
        }
        return its == null
                ? refill()
                : Optional.of(
                        new Refill(
                                destination,
                                its.cursor.length == 0
                                        ? IndexKey.parked(destination)
                                        : its.cursor));
    }

    /// Parked jobs to be read.
    ///
    /// @param destination whose
    /// @param from the first key
    @SuppressWarnings("ArrayRecordComponent")
    record Refill(Domain destination, byte[] from) {}

    /// Notes how far the parked jobs of a destination were read.
    ///
    /// @param from where to go on, or nothing when there are no more
    void refilled(Domain destination, Optional<byte[]> from) {
        Lanes its = lanes.get(destination);
        if (its != null) {
            its.refilling = false;
            if (!its.noted) {
                its.parked = from.isPresent();
                its.cursor = from.orElse(FIRST);
            }
            pass(destination, its);
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
