package org.posthorn.queue;

import org.posthorn.api.delivery.Outcome;
import org.posthorn.api.intake.Draft;
import org.posthorn.api.intake.QueueUnavailableException;
import org.posthorn.api.intake.Submission;
import org.posthorn.api.mail.Content;
import org.posthorn.api.mail.MessageId;
import org.posthorn.queue.Dispatch.Active;
import org.posthorn.queue.log.ChunkSink;
import org.posthorn.queue.log.Lease;
import org.posthorn.queue.log.OwnerCallback;
import org.posthorn.queue.log.QueueLog;
import org.posthorn.queue.log.Restore;
import org.posthorn.queue.state.Entry;
import org.posthorn.queue.state.JobKey;
import org.posthorn.queue.state.JobRecord;
import org.posthorn.queue.state.MessageKey;
import org.posthorn.queue.state.StateBatch;
import org.posthorn.queue.state.StateBatch.Change;
import org.posthorn.queue.state.Tally;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.random.RandomGenerator;

/// The queue on any log: what is durable is the log's business, what is next is [Dispatch]'s.
///
/// Each change of a message is made from what the change before it left ([Turns]), and becomes true
/// by one commit.
final class LogQueue implements Queue, AutoCloseable {
    private final QueueLog log;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final DraftMemory draftMemory;
    private final AtomicReferenceArray<Lease> leases;
    private final Dispatch dispatch;
    private final Records records;
    private final Turns turns = new Turns();
    private final Snapshots snapshots;
    private final Interventions interventions;
    private final BufferedDraft.Commits commits =
            new BufferedDraft.Commits() {
                @Override
                public ChunkSink openLarge() {
                    return log.openLarge(random.nextInt(log.partitions()));
                }

                @Override
                public Content open(ChunkSink sink) {
                    return log.open(sink.written());
                }

                @Override
                public CompletionStage<MessageId> append(Submission submission, Entry.Body body) {
                    int partition =
                            body instanceof Entry.Body.Streamed streamed
                                    ? streamed.rest().place().partition()
                                    : partition(submission);
                    return log.append(partition, entry(submission, body)).thenApply(MessageKey::id);
                }
            };

    /// Makes the queue and starts the log.
    ///
    /// @param draftBytes the memory of all drafts together
    LogQueue(
            QueueLog log,
            LaneLimits limits,
            InstantSource clock,
            RandomGenerator random,
            long draftBytes) {
        this.log = log;
        this.clock = clock;
        this.random = random;
        this.draftMemory = new DraftMemory(draftBytes);
        this.leases = new AtomicReferenceArray<>(log.partitions());
        this.dispatch = new Dispatch(log, limits, clock);
        this.records = new Records(log.view());
        this.snapshots = new Snapshots(log.view(), dispatch);
        this.interventions = new Interventions(records, dispatch, turns, clock, this::commit);
        log.start(new Owner());
    }

    private final class Owner implements OwnerCallback {
        @Override
        public void assigned(Lease lease, Restore restore) {
            leases.set(lease.partition(), lease);
            dispatch.reset(true);
        }

        @Override
        public void revoked(Lease lease, Instant deadline) {
            lost(lease);
        }

        @Override
        public void lost(Lease lease) {
            leases.set(lease.partition(), null);
            dispatch.reset(owned());
        }

        @Override
        public void appended(Lease lease, MessageKey key, Entry entry) {
            List<JobRecord> jobs = entry.jobs();
            for (int number = 0; number < jobs.size(); number++) {
                dispatch.arrived(new JobKey(key, number), jobs.get(number));
            }
        }
    }

    private boolean owned() {
        for (int partition = 0; partition < leases.length(); partition++) {
            if (leases.get(partition) != null) {
                return true;
            }
        }
        return false;
    }

    @Override
    public Draft begin(long expectedSize) throws QueueUnavailableException {
        log.admit(expectedSize);
        return new BufferedDraft(commits, draftMemory, expectedSize);
    }

    /// Mail for one destination stands in one partition.
    private int partition(Submission submission) {
        return Math.floorMod(
                submission.envelope().recipients().getFirst().mailbox().domain().hashCode(),
                log.partitions());
    }

    private Entry entry(Submission submission, Entry.Body body) {
        Instant now = now();
        Instant due =
                submission
                        .notBefore()
                        .map(it -> it.truncatedTo(ChronoUnit.MILLIS))
                        .filter(it -> it.isAfter(now))
                        .orElse(now);
        return new Entry(
                submission.envelope(), now, due, submission.metadata(), submission.hold(), body);
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }

    @Override
    public Job take() throws InterruptedException {
        return dispatch.take();
    }

    /// Returns a job if one is due now and may be handed out.
    Optional<Job> poll() throws InterruptedException {
        return dispatch.poll();
    }

    @Override
    public CompletionStage<Settled> settle(Job job, Settlement settlement) {
        Active its = handedOut(job);
        if (settlement.outcomes().size() != its.record().waiting().size()) {
            throw new IllegalArgumentException(
                    "job "
                            + job
                            + " has "
                            + its.record().waiting().size()
                            + " recipients, and its settlement "
                            + settlement.outcomes().size()
                            + " outcomes");
        }
        return turns.take(its.claim().job().message(), () -> settleNow(its, settlement));
    }

    private Active handedOut(Job job) {
        return MessageKey.of(job.message())
                .flatMap(message -> dispatch.find(new JobKey(message, job.number())))
                .orElseThrow(() -> new IllegalStateException("job " + job + " is not handed out"));
    }

    private CompletionStage<Settled> settleNow(Active its, Settlement settlement) {
        JobKey key = its.claim().job();
        Optional<JobRecord> before;
        Optional<JobRecord> after;
        boolean finished;
        try {
            before = dispatch.touched(key) ? records.job(key) : Optional.of(its.record());
            if (before.isEmpty()) {
                dispatch.settled(its, Optional.empty());
                return CompletableFuture.completedStage(new Settled(List.of(), false));
            }
            after = after(before.get(), settlement);
            finished = after.isEmpty() && (its.message().jobs() == 1 || !records.hasOther(key));
        } catch (RuntimeException e) {
            dispatch.again(its);
            return CompletableFuture.failedStage(
                    new QueueUnavailableException(
                            false, "job " + key + " cannot be settled: " + e.getMessage(), e));
        }
        List<Change> changes = new ArrayList<>();
        changes.add(
                new Change.Moved(
                        key, before.get(), after, its.claim().parked() || dispatch.touched(key)));
        if (finished) {
            changes.add(new Change.Finished(key.message(), its.message()));
        }
        StateBatch batch =
                new StateBatch(changes, settlement.reports().stream().map(this::report).toList());
        return commit(key.message().partition(), batch)
                .handle(
                        (births, failure) -> {
                            if (failure != null) {
                                dispatch.again(its);
                                throw new CompletionException(unavailable(failure));
                            }
                            dispatch.settled(its, after);
                            return new Settled(
                                    births.stream().map(MessageKey::id).toList(), finished);
                        });
    }

    private static Optional<JobRecord> after(JobRecord before, Settlement settlement) {
        List<JobRecord.Waiting> waiting = new ArrayList<>();
        for (int i = 0; i < before.waiting().size(); i++) {
            Outcome outcome = settlement.outcomes().get(i);
            if (outcome instanceof Outcome.Deferred) {
                waiting.add(
                        new JobRecord.Waiting(
                                before.waiting().get(i).recipient(), Optional.of(outcome)));
            }
        }
        return settlement
                .next()
                .map(
                        next ->
                                new JobRecord(
                                        before.destination(),
                                        next.truncatedTo(ChronoUnit.MILLIS),
                                        before.attempts() + (settlement.attempted() ? 1 : 0),
                                        settlement.hold().or(before::hold),
                                        waiting,
                                        before.marks() | Mark.bits(settlement.marks()),
                                        before.priority()));
    }

    private Entry report(Settlement.Report report) {
        ByteBuffer header = report.submission().header();
        ByteBuffer body = report.body();
        byte[] whole = new byte[header.remaining() + body.remaining()];
        int headerLength = header.remaining();
        header.get(whole, 0, headerLength);
        body.get(whole, headerLength, whole.length - headerLength);
        return entry(report.submission(), new Entry.Body.Whole(whole));
    }

    private CompletionStage<List<MessageKey>> commit(int partition, StateBatch batch) {
        Lease lease = leases.get(partition);
        return lease == null
                ? CompletableFuture.failedStage(
                        new QueueUnavailableException(false, "the store cannot be written now"))
                : log.commit(lease, batch);
    }

    private static QueueUnavailableException unavailable(Throwable failure) {
        Throwable cause = Failures.cause(failure);
        return cause instanceof QueueUnavailableException known
                ? known
                : new QueueUnavailableException(
                        false, "the settlement was not written: " + cause.getMessage(), cause);
    }

    @Override
    public void giveBack(Job job) {
        dispatch.again(handedOut(job));
    }

    @Override
    public Optional<Content> content(MessageId message) {
        return MessageKey.of(message).flatMap(records::message).map(it -> log.open(it.content()));
    }

    @Override
    public Optional<QueuedMessage> find(MessageId message) {
        return MessageKey.of(message).flatMap(snapshots::find);
    }

    @Override
    public List<QueuedMessage> list(Optional<MessageId> after, int limit) {
        if (limit < 1 || limit > 10_000) {
            throw new IllegalArgumentException("a page has 1 to 10,000 messages: " + limit);
        }
        return snapshots.list(after, limit);
    }

    @Override
    public Counts counts() {
        Tally tally = log.tally();
        return new Counts(tally.messages(), tally.jobs(), dispatch.active(), tally.held());
    }

    @Override
    public boolean retry(MessageId message) {
        return interventions.retry(message);
    }

    @Override
    public int retry(Destination destination) {
        return interventions.retry(destination);
    }

    @Override
    public boolean hold(MessageId message, String reason) {
        return interventions.hold(message, reason);
    }

    @Override
    public boolean release(MessageId message) {
        return interventions.release(message);
    }

    @Override
    public boolean delete(MessageId message) {
        return interventions.delete(message);
    }

    /// Returns the octets that drafts hold in memory.
    long draftMemory() {
        return draftMemory.used();
    }

    /// Makes those who wait in [#take] look at the clock again.
    void clockMoved() {
        dispatch.wake();
    }

    @Override
    public void close() {
        dispatch.close();
        log.close();
    }
}
