package org.posthorn.queue;

import org.posthorn.api.mail.MessageId;
import org.posthorn.queue.QueuedMessage.QueuedJob;
import org.posthorn.queue.state.CorruptRecordException;
import org.posthorn.queue.state.IndexKey;
import org.posthorn.queue.state.JobKey;
import org.posthorn.queue.state.JobRecord;
import org.posthorn.queue.state.MessageKey;
import org.posthorn.queue.state.MessageRecord;
import org.posthorn.queue.state.Note;
import org.posthorn.queue.state.RemovedJob;
import org.posthorn.queue.state.RemovedKey;
import org.posthorn.queue.state.StateBatch;
import org.posthorn.queue.state.StateBatch.Change;
import org.posthorn.queue.state.Table;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// What was deleted or bounced stays for a while, and can be brought back. Methods that return a
/// stage are called in the message's turn; the others wait for the disk.
final class Removals {
    private static final Logger LOG = LoggerFactory.getLogger(Removals.class);
    private static final int MOST_PURGED = 1000;

    private final Records records;
    private final Snapshots snapshots;
    private final Dispatch dispatch;
    private final Turns turns;
    private final InstantSource clock;
    private final Policy policy;
    private final LongSupplier kept;
    private final Interventions.Commit commit;

    /// How long and how much is kept.
    ///
    /// @param window how long; zero for not at all
    /// @param space how many octets of content
    record Policy(Duration window, long space) {
        /// Nothing is kept.
        static final Policy NONE = new Policy(Duration.ZERO, 0);
    }

    /// Makes it.
    ///
    /// @param kept returns how many octets are kept now
    Removals(
            Snapshots snapshots,
            Dispatch dispatch,
            Turns turns,
            InstantSource clock,
            Policy policy,
            LongSupplier kept,
            Interventions.Commit commit) {
        this.records = new Records(snapshots.view());
        this.snapshots = snapshots;
        this.dispatch = dispatch;
        this.turns = turns;
        this.clock = clock;
        this.policy = policy;
        this.kept = kept;
        this.commit = commit;
    }

    /// Returns the changes that keep what is removed of a message, and finish it.
    ///
    /// @param removed what is removed now of which jobs, if anything
    /// @param finished whether the message has no other jobs
    List<Change> of(
            MessageKey key,
            MessageRecord message,
            Map<Integer, JobRecord> removed,
            boolean finished) {
        // Nothing was removed before of what is only one recipient.
        boolean more = message.jobs() > 1 || message.envelope().recipients().size() > 1;
        Instant until = now().plus(policy.window());
        List<Change> changes = new ArrayList<>();
        if (!policy.window().isZero()) {
            removed.forEach(
                    (number, job) -> {
                        JobKey its = new JobKey(key, number);
                        RemovedKey place = more ? records.nextRemoved(its) : new RemovedKey(its, 0);
                        changes.add(new Change.Removed(place, new RemovedJob(until, job)));
                    });
        }
        if (finished) {
            boolean kept = !changes.isEmpty() || more && records.hasRemoved(key, Set.of());
            changes.add(new Change.Finished(key, message, kept));
        }
        return changes;
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }

    Optional<Integer> restore(MessageId message, Predicate<QueuedJob> which, Operation.By by) {
        return MessageKey.of(message)
                .flatMap(key -> Failures.await(turns.take(key, () -> restoreNow(key, which, by))));
    }

    private CompletionStage<Optional<Integer>> restoreNow(
            MessageKey key, Predicate<QueuedJob> which, Operation.By by) {
        Optional<MessageRecord> live = records.message(key);
        Optional<MessageRecord> known = live.or(() -> records.removedMessage(key));
        SortedMap<RemovedKey, RemovedJob> all = records.removed(key);
        if (known.isEmpty() || all.isEmpty()) {
            return CompletableFuture.completedStage(Optional.empty());
        }
        MessageRecord message = known.get();
        SortedMap<Integer, JobRecord> others = records.jobs(key);
        int number = Math.max(message.jobs(), others.isEmpty() ? 0 : others.lastKey() + 1);
        Note note =
                new Note(
                        now(),
                        by.who(),
                        "brought back" + (by.why().isEmpty() ? "" : " (" + by.why() + ")"));
        List<IndexKey.Fading> before = new ArrayList<>();
        SortedMap<Integer, JobRecord> jobs = new TreeMap<>();
        for (Map.Entry<RemovedKey, RemovedJob> it : all.entrySet()) {
            if (which.test(snapshots.removed(it.getKey(), message, it.getValue()))) {
                before.add(new IndexKey.Fading(it.getValue().until(), it.getKey()));
                jobs.put(number++, it.getValue().job().dueAt(now()).noted(note));
            }
        }
        if (jobs.isEmpty()) {
            return CompletableFuture.completedStage(Optional.of(0));
        }
        Change.Restored restored =
                new Change.Restored(key, before, message.having(number), jobs, live.isEmpty());
        return commit.commit(key.partition(), StateBatch.of(List.of(restored)))
                .thenApply(
                        _ -> {
                            others.keySet().forEach(it -> dispatch.touch(new JobKey(key, it)));
                            jobs.forEach((it, job) -> dispatch.arrived(new JobKey(key, it), job));
                            return Optional.of(jobs.size());
                        });
    }

    /// Removes for good what was kept long enough, or what there is no more space for.
    ///
    /// @return of how many messages, up to a bound
    int purge() {
        Map<MessageKey, List<IndexKey.Fading>> found = new LinkedHashMap<>();
        int[] count = {0};
        records.view()
                .scan(
                        Table.FADING,
                        new byte[0],
                        new byte[0],
                        (key, _) -> {
                            IndexKey.Fading entry = IndexKey.fading(key);
                            boolean over = isOver(entry);
                            if (over) {
                                found.computeIfAbsent(entry.message(), _ -> new ArrayList<>())
                                        .add(entry);
                            }
                            return over && ++count[0] < MOST_PURGED;
                        });
        int purged = 0;
        for (Map.Entry<MessageKey, List<IndexKey.Fading>> it : found.entrySet()) {
            List<IndexKey.Fading> over = it.getValue().stream().filter(this::isOver).toList();
            MessageKey key = it.getKey();
            if (!over.isEmpty() && Failures.await(turns.take(key, () -> purgeNow(key, over)))) {
                purged++;
            }
        }
        return purged;
    }

    private boolean isOver(IndexKey.Fading entry) {
        return !entry.until().isAfter(now()) || kept.getAsLong() > policy.space();
    }

    private CompletionStage<Boolean> purgeNow(MessageKey key, List<IndexKey.Fading> over) {
        Set<RemovedKey> gone =
                over.stream().map(IndexKey.Fading::removed).collect(Collectors.toSet());
        Optional<MessageRecord> last = Optional.empty();
        try {
            boolean alone = records.message(key).isEmpty() && !records.hasRemoved(key, gone);
            last = alone ? records.removedMessage(key) : Optional.empty();
        } catch (CorruptRecordException e) {
            LOG.error(
                    "what was removed of a message cannot be read, and its content stays in the"
                            + " store: {}",
                    e.getMessage());
        }
        Change purged = new Change.Purged(key, over, last);
        return commit.commit(key.partition(), StateBatch.of(List.of(purged))).thenApply(_ -> true);
    }
}
