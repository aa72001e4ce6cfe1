package org.posthorn.queue;

import org.posthorn.api.mail.Domain;
import org.posthorn.api.mail.MessageId;
import org.posthorn.queue.state.IndexKey;
import org.posthorn.queue.state.JobKey;
import org.posthorn.queue.state.JobRecord;
import org.posthorn.queue.state.MessageKey;
import org.posthorn.queue.state.MessageRecord;
import org.posthorn.queue.state.PartitionState;
import org.posthorn.queue.state.StateBatch;
import org.posthorn.queue.state.StateBatch.Change;
import org.posthorn.queue.state.Table;

import java.io.IOException;
import java.io.UncheckedIOException;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;

/// What operators do to messages. Calls wait for the disk.
final class Interventions {
    private static final int MOST_AT_ONCE = 1000;

    private final Records records;
    private final Dispatch dispatch;
    private final Turns turns;
    private final InstantSource clock;
    private final Commit commit;

    /// Writes facts of a partition.
    @FunctionalInterface
    interface Commit {
        CompletionStage<List<MessageKey>> commit(int partition, StateBatch batch);
    }

    Interventions(
            Records records, Dispatch dispatch, Turns turns, InstantSource clock, Commit commit) {
        this.records = records;
        this.dispatch = dispatch;
        this.turns = turns;
        this.clock = clock;
        this.commit = commit;
    }

    boolean retry(MessageId message) {
        return change(message, this::dueNow);
    }

    boolean hold(MessageId message, String reason) {
        return change(
                message,
                (_, job) ->
                        job.hold().isPresent()
                                ? Optional.empty()
                                : Optional.of(job.held(Optional.of(reason))));
    }

    boolean release(MessageId message) {
        return change(
                message,
                (_, job) -> job.hold().isPresent() ? Optional.of(released(job)) : Optional.empty());
    }

    private JobRecord released(JobRecord job) {
        return job.held(Optional.empty())
                .marked(Mark.bits(Set.of(Mark.RELEASED)))
                .dueAt(isForLater(job) ? job.due() : now());
    }

    boolean delete(MessageId message) {
        return MessageKey.of(message)
                .map(key -> wait(turns.take(key, () -> deleteNow(key))))
                .orElse(false);
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
                                                            changeNow(
                                                                    message,
                                                                    (key, job) ->
                                                                            dueNow(
                                                                                    destination,
                                                                                    key,
                                                                                    job))))
                            .toList();
            retries.forEach(it -> count[0] += wait(it));
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
        return job.attempts() == 0 && job.due().isAfter(now());
    }

    private Optional<JobRecord> dueNow(JobKey key, JobRecord job) {
        boolean waits =
                job.hold().isEmpty() && job.due().isAfter(now()) && dispatch.find(key).isEmpty();
        return waits ? Optional.of(job.dueAt(now())) : Optional.empty();
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }

    private boolean change(
            MessageId message, BiFunction<JobKey, JobRecord, Optional<JobRecord>> change) {
        Optional<MessageKey> key =
                MessageKey.of(message).filter(it -> records.message(it).isPresent());
        key.ifPresent(it -> wait(turns.take(it, () -> changeNow(it, change))));
        return key.isPresent();
    }

    /// Changes the jobs for which there is a change, all in one write.
    ///
    /// @return how many
    private CompletionStage<Integer> changeNow(
            MessageKey message, BiFunction<JobKey, JobRecord, Optional<JobRecord>> change) {
        List<Change.Moved> moves = new ArrayList<>();
        records.jobs(message)
                .forEach(
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

    private CompletionStage<Boolean> deleteNow(MessageKey key) {
        Optional<MessageRecord> message = records.message(key);
        if (message.isEmpty()) {
            return CompletableFuture.completedStage(false);
        }
        SortedMap<Integer, JobRecord> jobs = records.jobs(key);
        List<Change> changes = new ArrayList<>();
        jobs.forEach(
                (number, job) -> {
                    changes.add(
                            new Change.Moved(new JobKey(key, number), job, Optional.empty(), true));
                });
        changes.add(new Change.Finished(key, message.get()));
        return commit.commit(key.partition(), StateBatch.of(changes))
                .thenApply(
                        _ -> {
                            jobs.keySet()
                                    .forEach(number -> dispatch.touch(new JobKey(key, number)));
                            return true;
                        });
    }

    private static <T> T wait(CompletableFuture<T> change) {
        try {
            return change.join();
        } catch (CompletionException e) {
            throw new UncheckedIOException(
                    new IOException(
                            "the queue cannot be changed now: " + Failures.cause(e).getMessage(),
                            e));
        }
    }
}
