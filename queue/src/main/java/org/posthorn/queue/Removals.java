package org.posthorn.queue;

import org.posthorn.api.mail.MessageId;
import org.posthorn.queue.state.CorruptRecordException;
import org.posthorn.queue.state.Edit;
import org.posthorn.queue.state.IndexKey;
import org.posthorn.queue.state.JobKey;
import org.posthorn.queue.state.JobRecord;
import org.posthorn.queue.state.MessageKey;
import org.posthorn.queue.state.MessageRecord;
import org.posthorn.queue.state.Note;
import org.posthorn.queue.state.RemovedRecord;
import org.posthorn.queue.state.RemovedRecord.Removed;
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
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;

/// What was deleted or bounced stays for a while, and can be brought back. Methods that return a
/// stage are called in the message's turn; the others wait for the disk.
final class Removals {
    private static final Logger LOG = LoggerFactory.getLogger(Removals.class);
    private static final int MOST_PURGED = 1000;

    private final Records records;
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
            Records records,
            Dispatch dispatch,
            Turns turns,
            InstantSource clock,
            Policy policy,
            LongSupplier kept,
            Interventions.Commit commit) {
        this.records = records;
        this.dispatch = dispatch;
        this.turns = turns;
        this.clock = clock;
        this.policy = policy;
        this.kept = kept;
        this.commit = commit;
    }

    /// Returns the changes that keep what is removed of a message, and finish it.
    ///
    /// @param removed what is removed now, if anything
    /// @param finished whether the message has no other jobs
    List<Change> of(
            MessageKey key, MessageRecord message, List<Removed> removed, boolean finished) {
        boolean keeping = !removed.isEmpty() && !policy.window().isZero();
        // Nothing was removed before of what is only one recipient.
        boolean more = message.jobs() > 1 || message.envelope().recipients().size() > 1;
        Optional<RemovedRecord> before =
                more && (keeping || finished) ? before(key) : Optional.empty();
        List<Change> changes = new ArrayList<>();
        if (keeping) {
            Instant until = now().plus(policy.window());
            RemovedRecord after =
                    before.map(it -> it.and(until, removed))
                            .orElse(new RemovedRecord(until, message, removed));
            changes.add(new Change.Removed(key, before, after));
        }
        if (finished) {
            changes.add(new Change.Finished(key, message, keeping || before.isPresent()));
        }
        return changes;
    }

    /// Reads what was removed before. What cannot be read cannot be brought back, and is no reason
    /// to settle nothing.
    private Optional<RemovedRecord> before(MessageKey key) {
        try {
            return records.removed(key);
        } catch (CorruptRecordException e) {
            LOG.error("what was removed of a message before is lost: {}", e.getMessage());
            return Optional.empty();
        }
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }

    Optional<Integer> restore(MessageId message, Operation.By by) {
        return MessageKey.of(message)
                .flatMap(key -> Failures.await(turns.take(key, () -> restoreNow(key, by))));
    }

    private CompletionStage<Optional<Integer>> restoreNow(MessageKey key, Operation.By by) {
        Optional<RemovedRecord> before = records.removed(key);
        if (before.isEmpty()) {
            return CompletableFuture.completedStage(Optional.empty());
        }
        Optional<MessageRecord> live = records.message(key);
        SortedMap<Integer, JobRecord> others = records.jobs(key);
        MessageRecord message = live.orElse(before.get().message());
        int number =
                Math.max(
                        Math.max(message.jobs(), before.get().message().jobs()),
                        others.isEmpty() ? 0 : others.lastKey() + 1);
        Note note =
                new Note(
                        now(),
                        by.who(),
                        "brought back" + (by.why().isEmpty() ? "" : " (" + by.why() + ")"));
        List<Removed> jobs = new ArrayList<>();
        for (Removed it : before.get().jobs()) {
            jobs.add(new Removed(number++, it.job().dueAt(now()).noted(note)));
        }
        Change.Restored restored =
                new Change.Restored(
                        key, before.get(), message.having(number), jobs, live.isEmpty());
        return commit.commit(key.partition(), StateBatch.of(List.of(restored)))
                .thenApply(
                        _ -> {
                            others.keySet().forEach(it -> dispatch.touch(new JobKey(key, it)));
                            jobs.forEach(
                                    it -> dispatch.arrived(new JobKey(key, it.number()), it.job()));
                            return Optional.of(jobs.size());
                        });
    }

    /// Removes for good what was kept long enough, or what there is no more space for.
    ///
    /// @return how many messages, up to a bound
    int purge() {
        List<IndexKey.Fading> found = new ArrayList<>();
        records.view()
                .scan(
                        Table.FADING,
                        new byte[0],
                        new byte[0],
                        (key, _) -> {
                            IndexKey.Fading entry = IndexKey.fading(key);
                            boolean over = entry.until().isAfter(now()) && !isTooMuch();
                            if (!over) {
                                found.add(entry);
                            }
                            return !over && found.size() < MOST_PURGED;
                        });
        int purged = 0;
        for (IndexKey.Fading entry : found) {
            if (entry.until().isAfter(now()) && !isTooMuch()) {
                return purged;
            }
            MessageKey key = entry.message();
            if (Failures.await(turns.take(key, () -> purgeNow(entry)))) {
                purged++;
            }
        }
        return purged;
    }

    private boolean isTooMuch() {
        return kept.getAsLong() > policy.space();
    }

    private CompletionStage<Boolean> purgeNow(IndexKey.Fading entry) {
        Optional<RemovedRecord> removed;
        try {
            removed =
                    records.removed(entry.message()).filter(it -> it.until().equals(entry.until()));
        } catch (CorruptRecordException e) {
            LOG.error(
                    "what was removed of a message cannot be read, and stays in the store: {}",
                    e.getMessage());
            removed = Optional.empty();
        }
        if (removed.isEmpty()) {
            byte[] key = IndexKey.fading(entry.until(), entry.message());
            records.view().arrange(List.of(new Edit.Delete(Table.FADING, key)));
            return CompletableFuture.completedStage(true);
        }
        boolean alone = records.message(entry.message()).isEmpty();
        Change purged = new Change.Purged(entry.message(), removed.get(), alone);
        return commit.commit(entry.message().partition(), StateBatch.of(List.of(purged)))
                .thenApply(_ -> true);
    }
}
