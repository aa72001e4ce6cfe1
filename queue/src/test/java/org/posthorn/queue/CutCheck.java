package org.posthorn.queue;

import org.posthorn.queue.Promises.Message;
import org.posthorn.queue.Promises.Settling;
import org.posthorn.queue.Promises.Task;
import org.posthorn.queue.rocks.RocksLog;
import org.posthorn.queue.scan.Found;
import org.posthorn.queue.scan.Walk;
import org.posthorn.queue.state.JobRecord;
import org.posthorn.queue.state.MessageKey;
import org.posthorn.queue.state.MessageRecord;
import org.posthorn.queue.state.Tally;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/// Opens the queue on what a power cut left, and compares it with what was promised.
final class CutCheck {
    private static final Duration LATER = Duration.ofDays(2);

    private final Promises promises;
    private final List<String> problems = new ArrayList<>();
    private final Map<String, Left> found = new HashMap<>();

    /// A message that is in the queue.
    private record Left(MessageKey key, MessageRecord record, Map<String, JobRecord> jobs) {
        Set<String> waiting(JobRecord job) {
            return job.waiting().stream()
                    .map(it -> record.envelope().recipients().get(it.recipient()))
                    .map(it -> it.mailbox().toString())
                    .collect(Collectors.toSet());
        }
    }

    CutCheck(Promises promises) {
        this.promises = promises;
    }

    /// Returns all that is not as it was promised.
    List<String> problems(Path directory) throws InterruptedException {
        InstantSource later = InstantSource.offset(InstantSource.system(), LATER);
        try (RocksLog log = LoadedQueue.open(directory, true)) {
            LogQueue queue = LoadedQueue.queue(log, later);
            problems.addAll(new Invariants(log.view()).problems(log.tally(), false));
            Walk walk = new Walk(log.view(), _ -> {}, _ -> {});
            for (var it = walk.next(); it.isPresent(); it = walk.next()) {
                find(it.get());
            }
            promises.messages().forEach(this::check);
            drain(queue, log);
            queue.close();
        } catch (IOException e) {
            problems.add("lost: all, the store does not open: " + e.getMessage());
        }
        return problems;
    }

    private void find(Found its) {
        if (its.message().isEmpty()) {
            return;
        }
        MessageRecord message = its.message().get();
        String token = Sample.token(message.metadata());
        Map<String, JobRecord> jobs = new HashMap<>();
        its.jobs().values().forEach(it -> jobs.put(it.destination().toString(), it));
        if (found.put(token, new Left(its.key(), message, jobs)) != null) {
            problems.add("doubled: message " + token);
        }
        if (promises.find(token).isEmpty()) {
            problems.add("nobody submitted message " + token);
        }
    }

    private void check(Message message) {
        String token = message.sample.token();
        Left its = found.get(token);
        if (its == null) {
            if (message.mustBeThere()) {
                problems.add("lost: message " + token);
            }
        } else if (message.mustBeGone()) {
            problems.add("back: message " + token);
        } else if (!its.record.envelope().equals(message.sample.envelope())) {
            problems.add("changed: the envelope of " + token);
        } else {
            message.tasks.forEach((destination, task) -> check(message, destination, task, its));
        }
        message.tasks
                .values()
                .forEach(task -> task.asked.ifPresent(it -> checkBounce(message, it, its)));
    }

    private void check(Message message, String destination, Task task, Left its) {
        String name = "job " + message.sample.token() + "/" + destination;
        JobRecord job = its.jobs.get(destination);
        if (job == null) {
            if (!task.mayBeDone()) {
                problems.add("lost: " + name);
            }
            return;
        }
        Set<String> waiting = its.waiting(job);
        if (!task.mayBe(waiting)) {
            problems.add("back or lost: recipients of " + name + ": " + waiting);
        }
        if (!message.held.contains(job.hold().isPresent())) {
            problems.add("changed: the hold of " + name);
        }
        if (task.due.filter(it -> !it.equals(job.due())).isPresent()) {
            problems.add("changed: the due time of " + name);
        }
        if (job.attempts() < task.settled || job.attempts() > task.attempted) {
            problems.add("changed: the attempts of " + name + ": " + job.attempts());
        }
    }

    /// A settlement that was not acknowledged: it and its bounce happened, or neither did.
    private void checkBounce(Message message, Settling settling, Left its) {
        if (settling.bounce().isEmpty() || message.deleting) {
            return;
        }
        Message bounce = settling.bounce().get();
        JobRecord job = its == null ? null : its.jobs.get(settling.destination());
        Set<String> waiting = job == null ? Set.of() : its.waiting(job);
        boolean there = found.containsKey(bounce.sample.token());
        if (there && waiting.equals(settling.before())) {
            problems.add("doubled: bounce " + bounce.sample.token() + ", and it will be again");
        }
        boolean ended =
                bounce.tasks.values().stream().anyMatch(it -> it.asked.isPresent() || it.isDone());
        if (!there && !ended && waiting.equals(settling.after())) {
            problems.add("lost: bounce " + bounce.sample.token());
        }
    }

    /// Releases and delivers all: each job is handed out once, with its content.
    private void drain(LogQueue queue, RocksLog log) throws InterruptedException {
        Set<String> owed = new HashSet<>();
        found.forEach(
                (token, its) -> {
                    its.jobs.keySet().forEach(it -> owed.add(token + "/" + it));
                    if (its.jobs.values().stream().anyMatch(it -> it.hold().isPresent())) {
                        new Operator(queue).release(its.key.id());
                    }
                });
        List<CompletableFuture<Queue.Settled>> settled = new ArrayList<>();
        for (Optional<Job> job = next(queue, settled);
                job.isPresent();
                job = next(queue, settled)) {
            deliver(queue, job.get(), owed).ifPresent(settled::add);
        }
        owed.forEach(it -> problems.add("stuck: job " + it + " is never handed out"));
        while (queue.purge() > 0) {
            // Removes what could be brought back, a bounded number at a time.
        }
        problems.addAll(Invariants.leftovers(log.view()));
        if (!log.tally().equals(Tally.ZERO)) {
            problems.add("counters: " + log.tally() + ", and all is delivered");
        }
    }

    private static Optional<Job> next(
            LogQueue queue, List<CompletableFuture<Queue.Settled>> settled)
            throws InterruptedException {
        Optional<Job> job = queue.poll();
        if (job.isEmpty()) {
            settled.forEach(CompletableFuture::join);
            return queue.poll();
        }
        return job;
    }

    private Optional<CompletableFuture<Queue.Settled>> deliver(
            LogQueue queue, Job job, Set<String> owed) {
        String token = Sample.token(job);
        if (!owed.remove(token + "/" + job.destination().domain())) {
            problems.add("doubled: job " + token + "/" + job.destination().domain());
            return Optional.empty();
        }
        try (InputStream in = job.content().open()) {
            byte[] octets = in.readAllBytes();
            if (promises.find(token).filter(it -> it.sample.is(octets)).isEmpty()) {
                problems.add("changed: the content of " + token);
            }
        } catch (IOException e) {
            problems.add("lost: the content of " + token + ": " + e.getMessage());
        }
        return Optional.of(queue.settle(job, Mail.delivered(job)).toCompletableFuture());
    }
}
