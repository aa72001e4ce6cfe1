package org.posthorn.queue;

import org.posthorn.api.delivery.Outcome;
import org.posthorn.api.intake.Draft;
import org.posthorn.api.intake.QueueUnavailableException;
import org.posthorn.api.intake.Submission;
import org.posthorn.api.mail.Content;
import org.posthorn.api.mail.MessageId;
import org.posthorn.queue.Dispatch.Active;
import org.posthorn.queue.QueuedMessage.QueuedJob;
import org.posthorn.queue.log.ChunkSink;
import org.posthorn.queue.log.Lease;
import org.posthorn.queue.log.OwnerCallback;
import org.posthorn.queue.log.QueueLog;
import org.posthorn.queue.log.Restore;
import org.posthorn.queue.state.Entry;
import org.posthorn.queue.state.JobKey;
import org.posthorn.queue.state.JobRecord;
import org.posthorn.queue.state.MessageKey;
import org.posthorn.queue.state.Note;
import org.posthorn.queue.state.StateBatch;
import org.posthorn.queue.state.StateBatch.Change;
import org.posthorn.queue.state.Tally;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Predicate;
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
    private final FoundDamage damage = new FoundDamage();
    private final Turns turns = new Turns();
    private final Snapshots snapshots;
    private final Removals removals;
    private final Interventions interventions;
    private final Imports imports;
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
    /// @param undo how long deleted and bounced mail is kept
    LogQueue(
            QueueLog log,
            LaneLimits limits,
            InstantSource clock,
            RandomGenerator random,
            long draftBytes,
            Removals.Policy undo) {
        this.log = log;
        this.clock = clock;
        this.random = random;
        this.draftMemory = new DraftMemory(draftBytes);
        this.leases = new AtomicReferenceArray<>(log.partitions());
        this.dispatch = new Dispatch(log, limits, clock, damage);
        this.records = new Records(log.view());
        this.snapshots = new Snapshots(log.view(), dispatch, clock, damage);
        this.removals =
                new Removals(
                        snapshots,
                        dispatch,
                        turns,
                        clock,
                        undo,
                        () -> log.tally().removed(),
                        this::commit);
        this.interventions =
                new Interventions(snapshots, dispatch, turns, clock, removals, this::commit);
        this.imports = new Imports(log, dispatch, turns, clock, this::commit);
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
        List<Change> changes = new ArrayList<>();
        Optional<JobRecord> after;
        boolean finished;
        try {
            Optional<JobRecord> before =
                    dispatch.touched(key) ? records.job(key) : Optional.of(its.record());
            if (before.isEmpty()) {
                dispatch.settled(its, Optional.empty());
                return CompletableFuture.completedStage(new Settled(List.of(), false));
            }
            if (isSettledOtherwise(its.record(), before.get())) {
                dispatch.changed(its, before.get());
                return CompletableFuture.failedStage(
                        new QueueUnavailableException(
                                false, "job " + key + " was settled by somebody else meanwhile"));
            }
            after = after(before.get(), settlement);
            boolean only = its.message().jobs() == 1 && !dispatch.touched(key);
            finished = after.isEmpty() && (only || !records.hasOther(key));
            changes.add(
                    new Change.Moved(
                            key,
                            before.get(),
                            after,
                            its.claim().parked() || dispatch.touched(key)));
            changes.addAll(
                    removals.of(
                            key.message(),
                            its.message(),
                            bounced(key, before.get(), settlement),
                            finished));
        } catch (RuntimeException e) {
            dispatch.again(its);
            return CompletableFuture.failedStage(
                    new QueueUnavailableException(
                            false, "job " + key + " cannot be settled: " + e.getMessage(), e));
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

    /// Tells whether somebody has settled what we have in hand: an attempt was counted, or a sender
    /// told. An operator's release counts as neither.
    private static boolean isSettledOtherwise(JobRecord ours, JobRecord now) {
        int told = ~Mark.bits(Set.of(Mark.RELEASED));
        return ours.attempts() != now.attempts() || ((ours.marks() ^ now.marks()) & told) != 0;
    }

    private Optional<JobRecord> after(JobRecord before, Settlement settlement) {
        List<JobRecord.Waiting> left = those(before, settlement, Outcome.Deferred.class);
        return settlement
                .next()
                .map(next -> before.orders().bounce().isPresent() ? now() : next)
                .map(
                        next ->
                                (settlement.attempted() ? before.attempted() : before)
                                        .waitingFor(left)
                                        .dueAt(next.truncatedTo(ChronoUnit.MILLIS))
                                        .held(
                                                before.orders().bounce().isPresent()
                                                        ? Optional.empty()
                                                        : settlement.hold().or(before::hold))
                                        .marked(Mark.bits(settlement.marks()))
                                        .noted(note(settlement, left)));
    }

    /// Returns what is returned to its sender, as it is kept for a while.
    private Map<Integer, JobRecord> bounced(JobKey key, JobRecord before, Settlement settlement) {
        List<JobRecord.Waiting> failed = those(before, settlement, Outcome.Failed.class);
        return failed.isEmpty()
                ? Map.of()
                : Map.of(
                        key.number(),
                        before.attempted()
                                .waitingFor(failed)
                                .ordered(
                                        new JobRecord.Orders(
                                                before.orders().route(), Optional.empty()))
                                .noted(note(settlement, failed)));
    }

    private static List<JobRecord.Waiting> those(
            JobRecord before, Settlement settlement, Class<? extends Outcome> kind) {
        List<JobRecord.Waiting> those = new ArrayList<>();
        for (int i = 0; i < before.waiting().size(); i++) {
            Outcome outcome = settlement.outcomes().get(i);
            if (kind.isInstance(outcome)) {
                those.add(
                        new JobRecord.Waiting(
                                before.waiting().get(i).recipient(), Optional.of(outcome)));
            }
        }
        return those;
    }

    private Note note(Settlement settlement, List<JobRecord.Waiting> those) {
        String text = those.getFirst().last().map(outcome -> outcome.reply().toString()).orElse("");
        return new Note(now(), settlement.peer(), text);
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
        checkPage(limit);
        return snapshots.list(after, limit);
    }

    private static void checkPage(int limit) {
        if (limit < 1 || limit > 10_000) {
            throw new IllegalArgumentException("a page has 1 to 10,000 messages: " + limit);
        }
    }

    @Override
    public Counts counts() {
        Tally tally = log.tally();
        return new Counts(
                tally.messages(), tally.jobs(), dispatch.active(), tally.held(), tally.removed());
    }

    @Override
    public Optional<QueuedMessage> findRemoved(MessageId message) {
        return MessageKey.of(message).flatMap(snapshots::findRemoved);
    }

    @Override
    public List<QueuedMessage> removed(Optional<MessageId> after, int limit) {
        checkPage(limit);
        return snapshots.removed(after, limit);
    }

    @Override
    public Optional<Integer> operate(
            MessageId message, Predicate<QueuedJob> which, Operation operation, Operation.By by) {
        return interventions.operate(message, which, operation, by);
    }

    @Override
    public Optional<Integer> restore(
            MessageId message, Predicate<QueuedJob> which, Operation.By by) {
        return removals.restore(message, which, by);
    }

    /// Takes in a message that comes from another queue.
    ///
    /// @return as [RocksQueue#bringIn]
    /// @throws IOException as there
    Optional<MessageId> bringIn(
            PortableMessage message, Content content, boolean renamed, Operation.By by)
            throws IOException {
        return imports.take(message, content, renamed, by);
    }

    /// Removes for good what was kept long enough to be brought back.
    ///
    /// @return how many messages, up to a bound
    int purge() {
        return removals.purge();
    }

    @Override
    public int retry(Destination destination) {
        return interventions.retry(destination);
    }

    /// Returns the octets that drafts hold in memory.
    long draftMemory() {
        return draftMemory.used();
    }

    /// Returns what was found to be unreadable.
    List<String> damage() {
        return damage.list();
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
