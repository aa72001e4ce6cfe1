package org.posthorn.queue;

import org.posthorn.api.mail.Domain;
import org.posthorn.api.mail.MessageId;
import org.posthorn.queue.QueuedMessage.QueuedJob;
import org.posthorn.queue.state.IndexKey;
import org.posthorn.queue.state.JobKey;
import org.posthorn.queue.state.JobRecord;
import org.posthorn.queue.state.JobRecord.Orders;
import org.posthorn.queue.state.MessageKey;
import org.posthorn.queue.state.MessageRecord;
import org.posthorn.queue.state.Note;
import org.posthorn.queue.state.PartitionState;
import org.posthorn.queue.state.StateBatch;
import org.posthorn.queue.state.StateBatch.Change;
import org.posthorn.queue.state.Table;

import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.function.Predicate;

/// What operators do to messages. Calls wait for the disk.
final class Interventions {
    private static final int MOST_AT_ONCE = 1000;

    private final Records records;
    private final Snapshots snapshots;
    private final Dispatch dispatch;
    private final Turns turns;
    private final InstantSource clock;
    private final Removals removals;
    private final Commit commit;

    /// Writes facts of a partition.
    @FunctionalInterface
    interface Commit {
        CompletionStage<List<MessageKey>> commit(int partition, StateBatch batch);
    }

    Interventions(
            Snapshots snapshots,
            Dispatch dispatch,
            Turns turns,
            InstantSource clock,
            Removals removals,
            Commit commit) {
        this.snapshots = snapshots;
        this.records = new Records(snapshots.view());
        this.dispatch = dispatch;
        this.turns = turns;
        this.clock = clock;
        this.removals = removals;
        this.commit = commit;
    }

    Optional<Integer> operate(
            MessageId message, Predicate<QueuedJob> which, Operation operation, Operation.By by) {
        return MessageKey.of(message)
                .flatMap(
                        key ->
                                Failures.await(
                                        turns.take(key, () -> now(key, which, operation, by))));
    }

    private CompletionStage<Optional<Integer>> now(
            MessageKey key, Predicate<QueuedJob> which, Operation operation, Operation.By by) {
        Optional<MessageRecord> message = records.message(key);
        if (message.isEmpty()) {
            return CompletableFuture.completedStage(Optional.empty());
        }
        SortedMap<Integer, JobRecord> all = records.jobs(key);
        SortedMap<Integer, JobRecord> meant = new TreeMap<>(all);
        meant.entrySet()
                .removeIf(
                        it ->
                                !which.test(
                                        snapshots.job(
                                                new JobKey(key, it.getKey()),
                                                message.get(),
                                                it.getValue())));
        Note note = new Note(now(), by.who(), text(operation, by.why()));
        CompletionStage<Integer> changed =
                operation instanceof Operation.Delete
                        ? delete(key, message.get(), meant, all.size() - meant.size(), note)
                        : change(
                                key,
                                meant,
                                (job, record) ->
                                        after(job, record, operation).map(it -> it.noted(note)));
        return changed.thenApply(Optional::of);
    }

    private static String text(Operation operation, String why) {
        String what =
                switch (operation) {
                    case Operation.Retry() -> "made due";
                    case Operation.Hold(String reason) -> "held: " + reason;
                    case Operation.Release() -> "released";
                    case Operation.Redirect(String route) -> "redirected to " + route;
                    case Operation.DueAt(Instant when) -> "made due at " + when;
                    case Operation.Bounce(String reason) -> "to be returned: " + reason;
                    case Operation.Delete() -> "deleted";
                };
        return why.isEmpty() ? what : what + " (" + why + ")";
    }

    /// Returns what a job becomes, or nothing where it stays as it is.
    private Optional<JobRecord> after(JobKey key, JobRecord job, Operation operation) {
        return switch (operation) {
            case Operation.Retry() -> dueNow(key, job);
            case Operation.Hold(String reason) ->
                    job.hold().isPresent()
                            ? Optional.empty()
                            : Optional.of(job.held(Optional.of(reason)));
            case Operation.Release() ->
                    job.hold().isPresent() ? Optional.of(released(job)) : Optional.empty();
            case Operation.Redirect(String route) -> {
                JobRecord elsewhere =
                        job.ordered(new Orders(Optional.of(route), job.orders().bounce()));
                yield Optional.of(
                        job.hold().isPresent() || isForLater(job)
                                ? elsewhere
                                : elsewhere.dueAt(now()));
            }
            case Operation.DueAt(Instant when) ->
                    Optional.of(
                            job.dueAt(
                                    when.isBefore(now())
                                            ? now()
                                            : when.truncatedTo(ChronoUnit.MILLIS)));
            case Operation.Bounce(String reason) ->
                    Optional.of(
                            job.held(Optional.empty())
                                    .ordered(new Orders(job.orders().route(), Optional.of(reason)))
                                    .dueAt(now()));
            case Operation.Delete() -> Optional.empty();
        };
    }

    private JobRecord released(JobRecord job) {
        return job.held(Optional.empty())
                .marked(Mark.bits(Set.of(Mark.RELEASED)))
                .dueAt(isForLater(job) ? job.due() : now());
    }

    int retry(Destination destination) {
        int[] count = {0};
        byte[] from = IndexKey.after(clock.instant());
        while (from.length > 0) {
            Set<MessageKey> found = new LinkedHashSet<>();
            from = later(from, destination.domain(), found);
            List<CompletableFuture<Integer>> retries =
                    found.stream()
                            .map(
                                    message ->
                                            turns.take(
                                                    message,
                                                    () ->
                                                            change(
                                                                    message,
                                                                    records.jobs(message),
                                                                    (key, job) ->
                                                                            dueNow(
                                                                                    destination,
                                                                                    key,
                                                                                    job))))
                            .toList();
            retries.forEach(it -> count[0] += Failures.await(it));
        }
        return count[0];
    }

    /// Collects messages that have jobs for a destination in the due index, up to a bound.
    ///
    /// @return where to go on, or nothing at the end
    private byte[] later(byte[] from, Domain destination, Set<MessageKey> found) {
        byte[][] next = {new byte[0]};
        records.view()
                .scan(
                        Table.DUE,
                        from,
                        new byte[0],
                        (key, value) -> {
                            if (PartitionState.due(key, value).destination().equals(destination)) {
                                found.add(IndexKey.due(key).job().message());
                            }
                            boolean full = found.size() >= MOST_AT_ONCE;
                            next[0] = full ? Arrays.copyOf(key, key.length + 1) : new byte[0];
                            return !full;
                        });
        return next[0];
    }

    private Optional<JobRecord> dueNow(Destination destination, JobKey key, JobRecord job) {
        boolean its = job.destination().equals(destination.domain());
        return its && !isForLater(job) ? dueNow(key, job) : Optional.empty();
    }

    /// Tells whether a job still waits for the time that its message was submitted for: what was
    /// never tried and is not due has no other reason to wait.
    private boolean isForLater(JobRecord job) {
        return job.attempts() == 0
                && job.due().isAfter(now())
                && job.waiting().stream().allMatch(it -> it.last().isEmpty());
    }

    private Optional<JobRecord> dueNow(JobKey key, JobRecord job) {
        boolean waits =
                job.hold().isEmpty() && job.due().isAfter(now()) && dispatch.find(key).isEmpty();
        return waits ? Optional.of(job.dueAt(now())) : Optional.empty();
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }

    /// Changes the jobs for which there is a change, all in one write.
    ///
    /// @return how many
    private CompletionStage<Integer> change(
            MessageKey message,
            SortedMap<Integer, JobRecord> jobs,
            BiFunction<JobKey, JobRecord, Optional<JobRecord>> change) {
        List<Change.Moved> moves = new ArrayList<>();
        jobs.forEach(
                (number, before) -> {
                    JobKey key = new JobKey(message, number);
                    change.apply(key, before)
                            .ifPresent(
                                    after ->
                                            moves.add(
                                                    new Change.Moved(
                                                            key,
                                                            before,
                                                            Optional.of(after),
                                                            true)));
                });
        if (moves.isEmpty()) {
            return CompletableFuture.completedStage(0);
        }
        return commit.commit(message.partition(), StateBatch.of(List.copyOf(moves)))
                .thenApply(
                        _ -> {
                            moves.forEach(
                                    it -> {
                                        dispatch.touch(it.job());
                                        it.after()
                                                .ifPresent(
                                                        after -> dispatch.arrived(it.job(), after));
                                    });
                            return moves.size();
                        });
    }

    private CompletionStage<Integer> delete(
            MessageKey key,
            MessageRecord message,
            SortedMap<Integer, JobRecord> jobs,
            int others,
            Note note) {
        if (jobs.isEmpty()) {
            return CompletableFuture.completedStage(0);
        }
        List<Change> changes = new ArrayList<>();
        SortedMap<Integer, JobRecord> removed = new TreeMap<>();
        jobs.forEach(
                (number, job) -> {
                    changes.add(
                            new Change.Moved(new JobKey(key, number), job, Optional.empty(), true));
                    removed.put(number, job.noted(note));
                });
        changes.addAll(removals.of(key, message, removed, others == 0));
        return commit.commit(key.partition(), StateBatch.of(changes))
                .thenApply(
                        _ -> {
                            jobs.keySet()
                                    .forEach(number -> dispatch.touch(new JobKey(key, number)));
                            return jobs.size();
                        });
    }
}
