package org.posthorn.delivery;

import org.posthorn.api.delivery.Outcome;
import org.posthorn.api.intake.Draft;
import org.posthorn.api.intake.QueueUnavailableException;
import org.posthorn.api.mail.Content;
import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.MessageId;
import org.posthorn.api.mail.Recipient;
import org.posthorn.queue.Destination;
import org.posthorn.queue.Job;
import org.posthorn.queue.Mark;
import org.posthorn.queue.Operation;
import org.posthorn.queue.Queue;
import org.posthorn.queue.QueuedMessage;
import org.posthorn.queue.Settlement;

import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/// A queue of a test: what it offers is taken once, and what is settled is kept for the test.
final class MemoryQueue implements Queue {
    record Settled(Job job, Settlement settlement) {
        /// Makes the job that would be handed out next, once an operator has released it.
        Job again() {
            Set<Mark> marks = EnumSet.noneOf(Mark.class);
            marks.addAll(job.marks());
            marks.addAll(settlement.marks());
            if (settlement.hold().isPresent()) {
                marks.add(Mark.RELEASED);
            }
            List<Recipient> waiting = new ArrayList<>();
            for (int i = 0; i < settlement.outcomes().size(); i++) {
                if (settlement.outcomes().get(i) instanceof Outcome.Deferred) {
                    waiting.add(job.envelope().recipients().get(i));
                }
            }
            Envelope envelope =
                    new Envelope(job.envelope().sender(), job.envelope().parameters(), waiting);
            return new Job(
                    job.message(),
                    job.number(),
                    job.destination(),
                    envelope,
                    job.content(),
                    job.metadata(),
                    job.acceptedAt(),
                    settlement.next().orElseThrow(),
                    job.attempts() + 1,
                    marks,
                    job.route(),
                    job.bounce());
        }
    }

    private final BlockingQueue<Job> due = new LinkedBlockingQueue<>();
    private final BlockingQueue<Settled> settled = new LinkedBlockingQueue<>();
    private final BlockingQueue<Job> givenBack = new LinkedBlockingQueue<>();
    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicInteger ids = new AtomicInteger();

    Job offer(Envelope envelope, Content content, Instant acceptedAt) {
        return offer(envelope, content, acceptedAt, Map.of());
    }

    Job offer(
            Envelope envelope, Content content, Instant acceptedAt, Map<String, String> metadata) {
        var job =
                new Job(
                        new MessageId("message%04d".formatted(ids.incrementAndGet())),
                        0,
                        new Destination(envelope.recipients().getFirst().mailbox().domain()),
                        envelope,
                        content,
                        metadata,
                        acceptedAt,
                        acceptedAt,
                        0,
                        Set.of(),
                        Optional.empty(),
                        Optional.empty());
        offer(job);
        return job;
    }

    void offer(Job job) {
        due.add(job);
    }

    /// The next so many settlements fail.
    void failing(int count) {
        failures.set(count);
    }

    Settled settled() throws InterruptedException {
        return waitFor(settled);
    }

    Job givenBack() throws InterruptedException {
        return waitFor(givenBack);
    }

    private static <T> T waitFor(BlockingQueue<T> queue) throws InterruptedException {
        T next = queue.poll(30, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("nothing came in 30 seconds");
        }
        return next;
    }

    @Override
    public Job take() throws InterruptedException {
        return due.take();
    }

    @Override
    public CompletionStage<Queue.Settled> settle(Job job, Settlement settlement) {
        if (failures.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
            due.add(job);
            return CompletableFuture.failedFuture(new QueueUnavailableException(true, "full"));
        }
        settled.add(new Settled(job, settlement));
        return CompletableFuture.completedFuture(
                new Queue.Settled(
                        IntStream.rangeClosed(1, settlement.reports().size())
                                .mapToObj(i -> new MessageId("report%04d".formatted(i)))
                                .toList(),
                        settlement.next().isEmpty()));
    }

    @Override
    public void giveBack(Job job) {
        givenBack.add(job);
    }

    @Override
    public Draft begin(long expectedSize) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Optional<Content> content(MessageId message) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Optional<QueuedMessage> find(MessageId message) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<QueuedMessage> list(Optional<MessageId> after, int limit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Counts counts() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Optional<QueuedMessage> findRemoved(MessageId message) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<QueuedMessage> removed(Optional<MessageId> after, int limit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Optional<Integer> operate(
            MessageId message,
            Predicate<QueuedMessage.QueuedJob> which,
            Operation operation,
            Operation.By by) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Optional<Integer> restore(
            MessageId message, Predicate<QueuedMessage.QueuedJob> which, Operation.By by) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int retry(Destination destination) {
        throw new UnsupportedOperationException();
    }
}
