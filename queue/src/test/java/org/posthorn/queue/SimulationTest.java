package org.posthorn.queue;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.api.delivery.Outcome;
import org.posthorn.api.intake.Submission;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.smtp.Reply;
import org.posthorn.queue.sim.SimDisk;
import org.posthorn.queue.sim.SimLog;
import org.posthorn.queue.state.Table;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;

/// Random lives of a queue, with failing writes, lost acknowledgements and crashes between any two
/// steps; each seed is one life.
@Timeout(120)
class SimulationTest {
    @ParameterizedTest
    @ValueSource(ints = {0, 1000, 2000, 3000})
    void keepsItsPromisesThroughFaultsAndCrashes(int first) throws InterruptedException {
        for (int seed = first; seed < first + 100; seed++) {
            try {
                new Life(seed).live();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    /// What was promised about one message, which its body names.
    private static final class Promise {
        final Set<Recipient> recipients = new HashSet<>();
        final Set<Recipient> ended = new HashSet<>();
        final Set<Recipient> acknowledgedEnds = new HashSet<>();
        boolean acknowledged;
        Instant notBefore = Instant.MIN;
    }

    private static final class Life {
        private final SplittableRandom random;
        private final MovableClock clock = new MovableClock();
        private final SimDisk disk = new SimDisk();
        private final Map<String, Promise> promises = new HashMap<>();
        private final List<Job> handedOut = new ArrayList<>();
        private final List<String> told = new ArrayList<>();
        private SimLog log;
        private LogQueue queue;
        private int tokens;

        Life(int seed) {
            random = new SplittableRandom(seed);
            start(0.05);
        }

        private void start(double faults) {
            log = new SimLog(disk, random, faults);
            LaneLimits limits =
                    new LaneLimits() {
                        @Override
                        public int active() {
                            return 8;
                        }

                        @Override
                        public int lanes(Destination destination) {
                            return 2;
                        }
                    };
            queue = new LogQueue(log, limits, clock, random, 1 << 20, Removals.Policy.NONE);
            handedOut.clear();
        }

        void live() throws InterruptedException {
            for (int step = 0; step < 400; step++) {
                switch (random.nextInt(20)) {
                    case 0, 1, 2, 3, 4 -> commit();
                    case 5, 6, 7, 8 -> queue.poll().ifPresent(this::take);
                    case 9, 10, 11 -> settleOne();
                    case 12 -> clock.advance(Duration.ofSeconds(random.nextInt(100)));
                    case 13 -> giveBackOne();
                    case 14 -> {
                        if (random.nextInt(10) == 0) {
                            log.crash();
                            start(0.05);
                        }
                    }
                    default -> log.step();
                }
            }
            log.close();
            start(0);
            drain();
            check();
        }

        private void commit() {
            String[] recipients = new String[1 + random.nextInt(3)];
            for (int i = 0; i < recipients.length; i++) {
                recipients[i] = "r" + i + "@d" + random.nextInt(3) + ".example";
            }
            String token = "T" + ++tokens;
            Optional<Instant> notBefore =
                    random.nextInt(4) == 0
                            ? Optional.of(clock.instant().plusSeconds(random.nextInt(100)))
                            : Optional.empty();
            Submission submission = Mail.urgent(random.nextInt(-9, 10), notBefore, recipients);
            Promise promise = promise(token, submission);
            promise.notBefore = notBefore.orElse(Instant.MIN);
            Mail.begin(queue, token, submission)
                    .whenComplete((_, failure) -> promise.acknowledged |= failure == null);
        }

        private Promise promise(String token, Submission submission) {
            Promise promise = new Promise();
            promise.recipients.addAll(submission.envelope().recipients());
            promises.put(token, promise);
            return promise;
        }

        private Promise promise(Job job) {
            String text = Mail.text(job.content());
            return promises.get(text.substring(text.lastIndexOf('\n') + 1));
        }

        private void take(Job job) {
            Promise promise = promise(job);
            assertThat(promise).as("a message that somebody submitted").isNotNull();
            assertThat(promise.acknowledgedEnds)
                    .as("recipients that were done")
                    .doesNotContainAnyElementsOf(job.envelope().recipients());
            assertThat(handedOut).noneMatch(it -> it.sameAs(job));
            assertThat(clock.instant()).isAfterOrEqualTo(promise.notBefore);
            if (told.contains(job.toString())) {
                assertThat(job.marks()).as("what was told").containsExactly(Mark.DELAY_TOLD);
            }
            handedOut.add(job);
        }

        private void giveBackOne() {
            if (!handedOut.isEmpty()) {
                queue.giveBack(handedOut.remove(random.nextInt(handedOut.size())));
            }
        }

        private void settleOne() {
            if (!handedOut.isEmpty()) {
                settle(handedOut.remove(random.nextInt(handedOut.size())), random.nextInt(3));
            }
        }

        /// Settles with deferrals (0), or deliveries (1), or failures and a bounce (2).
        private void settle(Job job, int kind) {
            Promise promise = promise(job);
            List<Outcome> outcomes = new ArrayList<>();
            Set<Recipient> ends = new HashSet<>();
            for (Recipient recipient : job.envelope().recipients()) {
                boolean deferred = kind == 0 && random.nextBoolean();
                outcomes.add(
                        deferred
                                ? new Outcome.Deferred(Mail.LATER)
                                : kind == 2
                                        ? new Outcome.Failed(Reply.of(550, "5.1.1", "unknown"))
                                        : new Outcome.Delivered(Mail.OK));
                if (!deferred) {
                    ends.add(recipient);
                }
            }
            Optional<Instant> next =
                    ends.size() == outcomes.size()
                            ? Optional.empty()
                            : Optional.of(clock.instant().plusSeconds(random.nextInt(200)));
            Submission bounce = Mail.submission("mona@d" + random.nextInt(3) + ".example");
            String token = "B" + ++tokens;
            boolean warned =
                    next.isPresent()
                            && !job.marks().contains(Mark.DELAY_TOLD)
                            && random.nextInt(4) == 0;
            boolean bounced = kind == 2 || warned;
            Promise bouncePromise = promise(token, bounce);
            promise.ended.addAll(ends);
            queue.settle(
                            job,
                            new Settlement(
                                    outcomes,
                                    next,
                                    Optional.empty(),
                                    warned ? Set.of(Mark.DELAY_TOLD) : Set.of(),
                                    bounced
                                            ? List.of(
                                                    new Settlement.Report(
                                                            bounce, Mail.ascii(token)))
                                            : List.of()))
                    .whenComplete(
                            (_, failure) -> {
                                if (failure == null) {
                                    promise.acknowledgedEnds.addAll(ends);
                                    bouncePromise.acknowledged |= bounced;
                                    if (warned) {
                                        told.add(job.toString());
                                    }
                                }
                            });
        }

        private void drain() throws InterruptedException {
            for (Optional<Job> job = next(); job.isPresent(); job = next()) {
                take(job.get());
                handedOut.clear();
                settle(job.get(), 1);
                log.run();
            }
        }

        private Optional<Job> next() throws InterruptedException {
            clock.advance(Duration.ofHours(1));
            return queue.poll();
        }

        private void check() {
            assertThat(told).as("jobs that were reported late").doesNotHaveDuplicates();
            promises.forEach(
                    (token, promise) -> {
                        if (promise.acknowledged) {
                            assertThat(promise.ended).as(token).isEqualTo(promise.recipients);
                        }
                    });
            for (Table table :
                    List.of(
                            Table.CONTENT,
                            Table.MESSAGE,
                            Table.JOB,
                            Table.DUE,
                            Table.PARKED,
                            Table.HELD,
                            Table.DRAFT)) {
                log.view()
                        .scan(
                                table,
                                new byte[0],
                                new byte[0],
                                (_, _) -> {
                                    throw new AssertionError(table + " is not empty");
                                });
            }
            assertThat(queue.counts()).isEqualTo(new Queue.Counts(0, 0, 0, 0, 0));
        }
    }
}
