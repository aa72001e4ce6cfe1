package org.posthorn.queue;

import static org.assertj.core.api.Assertions.assertThat;

import org.posthorn.api.delivery.Outcome;
import org.posthorn.api.intake.Draft;
import org.posthorn.api.intake.QueueUnavailableException;
import org.posthorn.api.intake.Submission;
import org.posthorn.api.mail.Domain;
import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.MessageId;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.smtp.Reply;
import org.posthorn.queue.Ledger.Course;
import org.posthorn.queue.Ledger.Owed;
import org.posthorn.queue.Ledger.Settling;
import org.posthorn.queue.sim.SimDisk;
import org.posthorn.queue.sim.SimLog;
import org.posthorn.queue.state.JobKey;
import org.posthorn.queue.state.JobRecord;
import org.posthorn.queue.state.MessageKey;
import org.posthorn.queue.state.Table;

import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/// One life of a queue, chosen by a seed: what clients, agents and operators do, how fast the disk
/// is, what fails, when a process ends, when another takes over.
///
/// One thread and one clock, which is moved by hand: a seed is the same life each time.
final class SimulatedLife {
    private static final int MOST_ACTIVE = 8;
    private static final int MOST_LANES = 2;
    private static final int RECENT = 12;
    private static final List<Domain> DESTINATIONS =
            List.of(
                    Domain.name("d0.example"),
                    Domain.name("d1.example"),
                    Domain.name("d2.example"));

    /// How often one looks for a job at the most who waits for one: what leads nowhere is removed
    /// on the way, and then is looked again.
    private static final int LOOKS = 3;
    private static final Reply UNKNOWN = Reply.of(550, "5.1.1", "unknown");

    private final SplittableRandom random;
    private final MovableClock clock = new MovableClock();
    private final SimDisk disk = new SimDisk();
    private final Ledger ledger = new Ledger();
    private final List<Node> nodes = new ArrayList<>();
    private final double faults;
    private final int pace;
    private final int accidents;
    private final int draftMemory;
    private final Removals.Policy undo;
    private int tokens;
    private int operations;

    /// A process with the queue.
    private final class Node {
        final SimLog log;
        final LogQueue queue;
        final List<Job> handedOut = new ArrayList<>();
        final List<Writing> writing = new ArrayList<>();
        final Map<MessageId, Integer> settling = new HashMap<>();
        int paused;

        Node(double faults) {
            log = new SimLog(disk, random, faults);
            LaneLimits limits =
                    new LaneLimits() {
                        @Override
                        public int active() {
                            return MOST_ACTIVE;
                        }

                        @Override
                        public int lanes(Destination destination) {
                            return MOST_LANES;
                        }
                    };
            queue = new LogQueue(log, limits, clock, random, draftMemory, undo);
            checkTables(log);
        }
    }

    /// A large message that comes in.
    private static final class Writing {
        final Draft draft;
        final Sample sample;
        final ByteBuffer rest;
        CompletableFuture<Void> last = CompletableFuture.completedFuture(null);

        Writing(Draft draft, Sample sample) {
            this.draft = draft;
            this.sample = sample;
            this.rest = ByteBuffer.wrap(sample.body());
        }
    }

    SimulatedLife(long seed) {
        random = new SplittableRandom(seed);
        faults = new double[] {0, 0.02, 0.1, 0.3}[random.nextInt(4)];
        pace = new int[] {20, 50, 80}[random.nextInt(3)];
        accidents = new int[] {0, 5, 20}[random.nextInt(3)];
        draftMemory = random.nextInt(3) * 4000;
        undo =
                random.nextBoolean()
                        ? Removals.Policy.NONE
                        : new Removals.Policy(
                                Duration.ofSeconds(1 + random.nextInt(300)),
                                random.nextInt(20_000));
        nodes.add(new Node(faults));
    }

    /// Lives, and then delivers what is left.
    ///
    /// @return how many operations that were
    int live(int steps) throws InterruptedException {
        for (int step = 0; step < steps; step++) {
            operations++;
            Node node = nodes.get(random.nextInt(nodes.size()));
            if (node.paused > 0) {
                node.paused--;
            } else if (random.nextInt(100) < pace) {
                node.log.step();
            } else {
                act(node);
            }
        }
        for (Node node : nodes) {
            node.writing.forEach(it -> it.draft.close());
            node.log.close();
            assertThat(node.queue.draftMemory()).as("the memory of drafts").isZero();
        }
        nodes.clear();
        deliverTheRest();
        return operations;
    }

    private void act(Node node) throws InterruptedException {
        switch (random.nextInt(20)) {
            case 0, 1, 2, 3 -> begin(node);
            case 4, 5 -> goOn(node);
            case 6, 7, 8, 9, 10 -> take(node);
            case 11, 12, 13, 14 -> settle(node);
            case 15 -> clock.advance(Duration.ofSeconds(random.nextInt(100)));
            case 16 -> giveBack(node);
            case 17 -> operate(node);
            case 18 -> {
                if (random.nextInt(100) < accidents) {
                    accident(node);
                }
            }
            default -> {
                if (random.nextInt(8) == 0) {
                    rest(node);
                }
            }
        }
    }

    private void accident(Node node) {
        switch (random.nextInt(3)) {
            case 0 -> crash(node);
            case 1 -> {
                if (nodes.size() == 1) {
                    node.paused = random.nextInt(100);
                    ledger.takenOver();
                    nodes.add(new Node(faults));
                }
            }
            default -> {
                Node owner = nodes.stream().filter(it -> it.log.owns()).findFirst().orElse(node);
                if (owner != node) {
                    owner.paused = random.nextInt(100);
                    takeOver(node);
                }
            }
        }
    }

    private void crash(Node node) {
        node.log.crash();
        nodes.remove(node);
        if (nodes.isEmpty()) {
            nodes.add(new Node(faults));
        } else if (nodes.stream().noneMatch(it -> it.log.isOwner())) {
            takeOver(nodes.getFirst());
        }
    }

    private void takeOver(Node node) {
        ledger.takenOver();
        node.log.takeOver();
        checkTables(node.log);
    }

    /// Whoever begins to own the tables finds them whole.
    private static void checkTables(SimLog log) {
        List<String> problems = new Invariants(log.view()).problems(log.tally(), false);
        if (!problems.isEmpty()) {
            throw new AssertionError("the tables: " + problems);
        }
    }

    private void begin(Node node) {
        boolean large = random.nextInt(8) == 0;
        String[] recipients = new String[1 + random.nextInt(3)];
        for (int i = 0; i < recipients.length; i++) {
            recipients[i] = "r" + i + "@" + destination();
        }
        Sample sample =
                new Sample(
                        "n" + ++tokens,
                        large ? 3000 + random.nextInt(9000) : random.nextInt(40),
                        random.nextInt(20) == 0,
                        String.join(",", recipients));
        try {
            Writing writing = new Writing(node.queue.begin(0), sample);
            if (large) {
                node.writing.add(writing);
            } else {
                writing.draft.write(writing.rest);
                commit(writing);
            }
        } catch (QueueUnavailableException _) {
            // The client is told to come again.
        }
    }

    private Domain destination() {
        return DESTINATIONS.get(random.nextInt(DESTINATIONS.size()));
    }

    /// A client sends more of a large message, or all is there, or it leaves.
    private void goOn(Node node) {
        if (node.writing.isEmpty()) {
            return;
        }
        Writing its = node.writing.get(random.nextInt(node.writing.size()));
        if (its.last.isCompletedExceptionally() || random.nextInt(20) == 0) {
            its.draft.close();
            node.writing.remove(its);
        } else if (its.last.isDone() && its.rest.hasRemaining()) {
            int length = Math.min(its.rest.remaining(), 1 + random.nextInt(5000));
            ByteBuffer part = its.rest.slice(its.rest.position(), length);
            its.rest.position(its.rest.position() + length);
            its.last = its.draft.write(part).toCompletableFuture();
        } else if (its.last.isDone()) {
            commit(its);
            node.writing.remove(its);
        }
    }

    private void commit(Writing writing) {
        Submission plain = writing.sample.submission();
        Envelope envelope = plain.envelope();
        Optional<Instant> notBefore =
                random.nextInt(4) == 0
                        ? Optional.of(clock.instant().plusSeconds(random.nextInt(100)))
                        : Optional.empty();
        int priority = random.nextInt(3) == 0 ? random.nextInt(-9, 10) : 0;
        Submission submission =
                new Submission(
                        new Envelope(
                                envelope.sender(),
                                envelope.parameters().with("MT-PRIORITY", "" + priority),
                                envelope.recipients()),
                        plain.header(),
                        plain.hold(),
                        plain.metadata(),
                        notBefore);
        Owed owed = ledger.add(writing.sample, submission);
        writing.draft
                .commit(submission)
                .whenComplete(
                        (id, failure) -> {
                            if (failure == null) {
                                owed.acknowledged = true;
                                owed.id = Optional.of(id);
                            }
                        });
    }

    private void take(Node node) throws InterruptedException {
        node.queue.poll().ifPresent(job -> taken(node, job));
    }

    private void taken(Node node, Job job) {
        if (node.log.owns()) {
            ledger.check(job, clock.instant());
        } else {
            ledger.checkWhole(job);
        }
        assertThat(node.handedOut).noneMatch(it -> it.sameAs(job));
        node.handedOut.add(job);
        assertThat(node.handedOut).hasSizeLessThanOrEqualTo(MOST_ACTIVE + node.settling.size());
    }

    private void giveBack(Node node) {
        if (!node.handedOut.isEmpty()) {
            node.queue.giveBack(node.handedOut.remove(random.nextInt(node.handedOut.size())));
        }
    }

    private void settle(Node node) {
        if (!node.handedOut.isEmpty()) {
            Job job = node.handedOut.remove(random.nextInt(node.handedOut.size()));
            settle(node, job, random.nextInt(4) == 0 ? "DLF" : random.nextBoolean() ? "D" : "DL");
        }
    }

    private void settle(Node node, Job job, String kinds) {
        Owed owed = ledger.of(job);
        List<Outcome> outcomes = new ArrayList<>();
        List<Course> ended = new ArrayList<>();
        List<Course> waiting = new ArrayList<>();
        boolean failed = false;
        for (Recipient recipient : job.envelope().recipients()) {
            char kind = kinds.charAt(random.nextInt(kinds.length()));
            failed |= kind == 'F';
            (kind == 'L' ? waiting : ended).add(owed.courses.get(recipient));
            outcomes.add(
                    switch (kind) {
                        case 'D' -> new Outcome.Delivered(Mail.OK);
                        case 'L' -> new Outcome.Deferred(Mail.LATER);
                        default -> new Outcome.Failed(UNKNOWN);
                    });
        }
        boolean waits = !waiting.isEmpty();
        boolean warns = waits && !job.marks().contains(Mark.DELAY_TOLD) && random.nextInt(4) == 0;
        boolean holds = waits && random.nextInt(10) == 0;
        Instant next = clock.instant().plusSeconds(random.nextInt(200));
        Optional<Owed> bounce = failed ? Optional.of(report()) : Optional.empty();
        Optional<Owed> warning = warns ? Optional.of(report()) : Optional.empty();
        Settling settling = new Settling(owed, bounce);
        ended.forEach(it -> it.ends.add(settling));
        node.settling.merge(job.message(), 1, Integer::sum);
        List<Settlement.Report> reports = new ArrayList<>();
        bounce.ifPresent(it -> reports.add(report(it)));
        warning.ifPresent(it -> reports.add(report(it)));
        node.queue
                .settle(
                        job,
                        new Settlement(
                                outcomes,
                                waits ? Optional.of(next) : Optional.empty(),
                                holds ? Optional.of("a test") : Optional.empty(),
                                warns ? Set.of(Mark.DELAY_TOLD) : Set.of(),
                                reports))
                .whenComplete(
                        (settled, failure) -> {
                            node.settling.computeIfPresent(
                                    job.message(), (_, n) -> n == 1 ? null : n - 1);
                            if (failure != null || settled.reports().size() != reports.size()) {
                                return;
                            }
                            settling.acknowledged = true;
                            owed.finished += settled.finished() ? 1 : 0;
                            bounce.ifPresent(it -> it.acknowledged = true);
                            warning.ifPresent(
                                    it -> {
                                        it.acknowledged = true;
                                        assertThat(waiting).as("told once").noneMatch(c -> c.told);
                                        waiting.forEach(course -> course.told = true);
                                    });
                            if (node.log.owns()) {
                                waiting.forEach(course -> course.waits(next, holds));
                            }
                        });
    }

    private Owed report() {
        Sample sample =
                new Sample("b" + ++tokens, random.nextInt(40), false, "mona@" + destination());
        return ledger.add(sample, sample.submission());
    }

    private static Settlement.Report report(Owed report) {
        return new Settlement.Report(report.submission, ByteBuffer.wrap(report.sample.body()));
    }

    private void operate(Node node) {
        if (random.nextInt(8) == 0) {
            node.log.run();
            operation(node, node.queue::purge);
            return;
        }
        if (random.nextInt(8) == 0) {
            Domain domain = destination();
            node.log.run();
            ledger.meddle(domain);
            operation(node, () -> node.queue.retry(new Destination(domain)));
            return;
        }
        List<Owed> known = ledger.all();
        if (known.isEmpty()) {
            return;
        }
        Owed owed = known.get(known.size() - 1 - random.nextInt(Math.min(known.size(), RECENT)));
        if (owed.id.isEmpty() || node.settling.containsKey(owed.id.get())) {
            return;
        }
        MessageId id = owed.id.get();
        Operator operator = new Operator(node.queue);
        switch (random.nextInt(7)) {
            case 0 -> {
                owed.deleting = true;
                operation(node, () -> operator.delete(id)).ifPresent(_ -> owed.deleted = true);
            }
            case 1 -> {
                owed.meddle();
                owed.retried = true;
                operation(node, () -> operator.retry(id));
            }
            case 2 -> {
                owed.mayBeReleased = true;
                owed.meddle();
                operation(node, () -> operator.release(id));
            }
            case 3 -> {
                operation(node, () -> operator.hold(id, "a test"));
                clock.advance(Duration.ofSeconds(1));
                owed.mayBeReleased = true;
                owed.meddle();
                operation(node, () -> operator.release(id));
            }
            case 4 -> {
                owed.restoring = true;
                operation(node, () -> node.queue.restore(id, Operator.BY));
            }
            default ->
                    operation(node, () -> operator.hold(id, "a test"))
                            .ifPresent(_ -> owed.mayBeReleased = false);
        }
    }

    /// Operators wait for the disk, which moves on for them. One who asks a queue that is not the
    /// owner is told that it cannot be done.
    private static <T> Optional<T> operation(Node node, Supplier<T> operation) {
        boolean owner = node.log.owns();
        try {
            T result = node.log.promptly(operation);
            return owner ? Optional.of(result) : Optional.empty();
        } catch (UncheckedIOException _) {
            return Optional.empty();
        }
    }

    /// When nothing is under way, what is due and has a lane is handed out.
    private void rest(Node node) throws InterruptedException {
        node.log.run();
        if (!node.log.owns()) {
            return;
        }
        List<String> problems = new Invariants(node.log.view()).problems(node.log.tally(), true);
        assertThat(problems).as("the tables").isEmpty();
        while (node.handedOut.size() < MOST_ACTIVE && isSomethingDue(node)) {
            int before = node.handedOut.size();
            for (int look = 0; look < LOOKS && node.handedOut.size() == before; look++) {
                take(node);
            }
            assertThat(node.handedOut).as("jobs handed out").hasSizeGreaterThan(before);
        }
    }

    private boolean isSomethingDue(Node node) {
        Map<Domain, Integer> lanes = new HashMap<>();
        Set<JobKey> out = new HashSet<>();
        for (Job job : node.handedOut) {
            lanes.merge(job.destination().domain(), 1, Integer::sum);
            out.add(new JobKey(MessageKey.of(job.message()).orElseThrow(), job.number()));
        }
        boolean[] found = {false};
        node.log
                .view()
                .scan(
                        Table.JOB,
                        new byte[0],
                        new byte[0],
                        (key, value) -> {
                            JobRecord job = JobRecord.of(value);
                            found[0] =
                                    job.hold().isEmpty()
                                            && !job.due().isAfter(clock.instant())
                                            && lanes.getOrDefault(job.destination(), 0) < MOST_LANES
                                            && !out.contains(JobKey.of(key));
                            return !found[0];
                        });
        return found[0];
    }

    private void deliverTheRest() throws InterruptedException {
        Node last = new Node(0);
        for (Owed owed : ledger.all()) {
            owed.mayBeReleased = true;
            owed.courses.values().forEach(it -> it.held = false);
        }
        Set<MessageId> held = new LinkedHashSet<>();
        last.log
                .view()
                .scan(
                        Table.HELD,
                        new byte[0],
                        new byte[0],
                        (key, _) -> {
                            held.add(JobKey.of(key).message().id());
                            return true;
                        });
        held.forEach(it -> operation(last, () -> new Operator(last.queue).release(it)));
        for (Optional<Job> job = next(last); job.isPresent(); job = next(last)) {
            taken(last, job.get());
            last.handedOut.clear();
            settle(last, job.get(), "D");
            operations += 1 + last.log.run();
        }
        operation(last, last.queue::purge);
        assertThat(Invariants.leftovers(last.log.view())).as("what is left").isEmpty();
        assertThat(last.queue.counts()).isEqualTo(new Queue.Counts(0, 0, 0, 0, 0));
        ledger.checkEnds();
        last.log.close();
    }

    private Optional<Job> next(Node node) throws InterruptedException {
        clock.advance(Duration.ofHours(1));
        operations++;
        return node.queue.poll();
    }
}
