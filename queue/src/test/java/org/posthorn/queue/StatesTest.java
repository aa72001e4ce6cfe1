package org.posthorn.queue;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.posthorn.api.intake.Draft;
import org.posthorn.api.intake.Submission;
import org.posthorn.api.mail.Content;
import org.posthorn.api.mail.MessageId;
import org.posthorn.queue.sim.SimDisk;
import org.posthorn.queue.sim.SimLog;
import org.posthorn.queue.state.Edit;
import org.posthorn.queue.state.IndexKey;
import org.posthorn.queue.state.JobKey;
import org.posthorn.queue.state.JobRecord;
import org.posthorn.queue.state.MessageKey;
import org.posthorn.queue.state.Table;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// What a crash leaves of each state that something can be in on disk, and what the next start
/// makes of it: one test for each row of `docs/queue.md`.
///
/// What is not synced may survive a crash or not, so each test lives through many, and the tables
/// are whole after each.
@Timeout(60)
class StatesTest {
    private static final int LIVES = 50;
    private static final int LARGE = 20_000;
    private static final int PARTS = 4;

    /// A queue on a disk, both made anew.
    private static final class Bench {
        final MovableClock clock = new MovableClock();
        final SimDisk disk = new SimDisk();
        final SplittableRandom random;
        Removals.Policy undo = Removals.Policy.NONE;
        SimLog log;
        LogQueue queue;

        Bench(long seed) {
            random = new SplittableRandom(seed);
            start(0);
        }

        void start(double faults) {
            LaneLimits limits =
                    new LaneLimits() {
                        @Override
                        public int active() {
                            return 100;
                        }

                        @Override
                        public int lanes(Destination destination) {
                            return 1;
                        }
                    };
            log = new SimLog(disk, random, faults);
            queue = new LogQueue(log, limits, clock, random, 4096, undo);
        }

        void crash() {
            log.crash();
            start(0);
            assertThat(new Invariants(log.view()).problems(log.tally(), false)).isEmpty();
        }

        /// Crashes with tables that are known not to be whole.
        void crashUnchecked() {
            log.crash();
            start(0);
        }

        /// Lets some of what was asked for happen.
        void some() {
            for (int steps = random.nextInt(8); steps > 0; steps--) {
                log.step();
            }
        }

        <T> T prompt(Supplier<T> operation) {
            return log.promptly(operation);
        }

        Operator operator() {
            return new Operator(queue);
        }

        /// Starts again as a queue that keeps what is removed.
        void keepRemoved() {
            undo = new Removals.Policy(Duration.ofHours(1), 1 << 20);
            log.close();
            start(0);
        }

        MessageId commit(String... recipients) {
            return commit(Mail.submission(recipients));
        }

        MessageId commit(Submission submission) {
            CompletableFuture<MessageId> id =
                    Mail.begin(queue, "hello\r\n", submission).toCompletableFuture();
            log.run();
            return id.join();
        }

        CompletableFuture<Queue.Settled> settle(Job job, Settlement settlement) {
            return queue.settle(job, settlement).toCompletableFuture();
        }

        void settled(Job job, Settlement settlement) {
            CompletableFuture<Queue.Settled> settled = settle(job, settlement);
            log.run();
            settled.join();
        }

        Job next() {
            return poll().orElseThrow(() -> new AssertionError("no job is due"));
        }

        Optional<Job> poll() {
            try {
                return queue.poll();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        Draft large() {
            try {
                Draft draft = queue.begin(0);
                for (int part = 0; part < PARTS; part++) {
                    log.run();
                    draft.write(ByteBuffer.wrap(Mail.pattern(LARGE / PARTS, part)));
                }
                return draft;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        List<QueuedMessage> list() {
            return queue.list(Optional.empty(), 100);
        }

        void isEmpty() {
            assertThat(Invariants.leftovers(log.view())).isEmpty();
            assertThat(queue.counts()).isEqualTo(new Queue.Counts(0, 0, 0, 0, 0));
        }
    }

    private static void lives(Consumer<Bench> life) {
        for (long seed = 0; seed < LIVES; seed++) {
            life.accept(new Bench(seed));
        }
    }

    // Drafts

    @Test
    void aDraftInMemoryLeavesNothing() throws Exception {
        Bench bench = new Bench(1);
        bench.queue.begin(0).write(Mail.ascii("hello"));
        bench.log.run();
        bench.isEmpty();
        bench.crash();
        bench.isEmpty();
    }

    @Test
    void aStreamedDraftIsSwept() {
        lives(
                bench -> {
                    bench.large();
                    bench.some();
                    bench.commit("leo@example.net");
                    bench.crash();
                    assertThat(bench.list()).hasSize(1);
                    assertThat(new Invariants(bench.log.view()).messages()).hasSize(1);
                });
    }

    @Test
    void aDraftThatWasClosedIsSwept() {
        lives(
                bench -> {
                    Draft draft = bench.large();
                    bench.some();
                    draft.close();
                    bench.some();
                    bench.crash();
                    bench.isEmpty();
                });
    }

    @Test
    void aCommitUnderWayLeavesAMessageOrADraft() {
        lives(
                bench -> {
                    Draft draft = bench.large();
                    bench.log.run();
                    draft.commit(Mail.submission("leo@example.net"));
                    bench.some();
                    bench.some();
                    bench.crash();
                    isWholeOrGone(bench);
                });
    }

    private static void isWholeOrGone(Bench bench) {
        if (bench.list().isEmpty()) {
            bench.isEmpty();
        } else {
            assertThat(Mail.text(bench.next().content()).length())
                    .isEqualTo("Subject: test\r\n\r\n".length() + LARGE);
        }
    }

    @Test
    void aCommitThatFailedLeavesAMessageOrADraft() {
        lives(
                bench -> {
                    bench.log.close();
                    bench.start(1);
                    Draft draft = bench.large();
                    bench.log.run();
                    CompletableFuture<MessageId> id =
                            draft.commit(Mail.submission("leo@example.net")).toCompletableFuture();
                    bench.log.run();
                    assertThat(id).isCompletedExceptionally();
                    bench.crash();
                    isWholeOrGone(bench);
                });
    }

    @Test
    void aCommittedDraftIsAMessageWithAllOfItsContent() {
        lives(
                bench -> {
                    Draft draft = bench.large();
                    bench.log.run();
                    CompletableFuture<MessageId> id =
                            draft.commit(Mail.submission("leo@example.net")).toCompletableFuture();
                    bench.log.run();
                    bench.crash();
                    assertThat(bench.list())
                            .extracting(QueuedMessage::id)
                            .containsExactly(id.join());
                    isWholeOrGone(bench);
                });
    }

    // Messages

    @Test
    void aQueuedMessageGoesOn() {
        Bench bench = new Bench(1);
        MessageId id = bench.commit("a@one.example", "b@two.example");
        bench.crash();
        List<Job> jobs = List.of(bench.next(), bench.next());
        assertThat(jobs).extracting(Job::message).containsOnly(id);
        assertThat(jobs)
                .extracting(job -> Mail.text(job.content()))
                .allMatch(it -> it.endsWith("hello\r\n"));
    }

    @Test
    void aMessageThatIsTakenInIsThereWholeOrNotAtAll() {
        PortableMessage message = portable();
        Content content =
                new DraftContent("hello".getBytes(UTF_8), DraftContent.NONE, new byte[0], 0);
        lives(
                bench -> {
                    bench.log.close();
                    bench.start(0.5);
                    boolean taken =
                            bench.prompt(
                                    () -> {
                                        try {
                                            return bench.queue
                                                    .bringIn(message, content, false, Operator.BY)
                                                    .isPresent();
                                        } catch (IOException | UncheckedIOException _) {
                                            return false;
                                        }
                                    });
                    bench.crash();
                    if (taken) {
                        assertThat(bench.list()).hasSize(1);
                    }
                    for (QueuedMessage it : bench.list()) {
                        assertThat(it.id()).isEqualTo(message.id());
                        Job job = bench.next();
                        assertThat(job.attempts()).isEqualTo(3);
                        assertThat(Mail.text(job.content())).isEqualTo("hello");
                        bench.settled(job, Mail.delivered(job));
                    }
                    bench.isEmpty();
                });
    }

    private static PortableMessage portable() {
        Submission mail = Mail.submission("leo@example.net");
        PortableMessage.PortableJob job =
                new PortableMessage.PortableJob(
                        1,
                        new Destination(mail.envelope().recipients().getFirst().mailbox().domain()),
                        Instant.EPOCH,
                        3,
                        Optional.empty(),
                        List.of(new PortableMessage.Waiting(0, Optional.empty())),
                        Set.of(),
                        Optional.empty(),
                        Optional.empty(),
                        List.of());
        return new PortableMessage(
                new MessageKey(0, 1_000, 7).id(),
                mail.envelope(),
                Instant.EPOCH,
                mail.metadata(),
                List.of(job));
    }

    @Test
    void aFinishedMessageStaysGone() {
        Bench bench = new Bench(1);
        bench.commit("leo@example.net");
        Job job = bench.next();
        bench.settled(job, Mail.delivered(job));
        bench.crash();
        bench.isEmpty();
    }

    @Test
    void aBounceUnderWayLeavesTheMessageOrItsBounce() {
        lives(
                bench -> {
                    MessageId id = bench.commit("leo@example.net");
                    Job job = bench.next();
                    bench.settle(
                            job, Mail.bounced(job, Mail.submission("mona@example.org"), "sorry"));
                    bench.some();
                    bench.crash();
                    Job left = bench.next();
                    boolean isBounce = Mail.text(left.content()).endsWith("sorry");
                    assertThat(left.message().equals(id)).isNotEqualTo(isBounce);
                    assertThat(bench.poll()).isEmpty();
                });
    }

    @Test
    void aDeletedMessageStaysDeleted() {
        Bench bench = new Bench(1);
        MessageId id = bench.commit("a@one.example", "b@two.example");
        assertThat(bench.prompt(() -> bench.operator().delete(id))).isTrue();
        bench.crash();
        bench.isEmpty();
    }

    @Test
    void anUnreadableMessageIsSetAsideAndTheOthersGoOn() {
        Bench bench = new Bench(1);
        MessageId unreadable = bench.commit("a@one.example");
        MessageId other = bench.commit("b@two.example");
        MessageKey key = MessageKey.of(unreadable).orElseThrow();
        bench.log
                .view()
                .arrange(List.of(new Edit.Put(Table.MESSAGE, key.octets(), new byte[] {1})));
        assertThat(bench.next().message()).isEqualTo(other);
        bench.commit("c@three.example");
        bench.crashUnchecked();
        assertThat(bench.next().message()).isEqualTo(other);
        assertThat(bench.log.view().get(Table.MESSAGE, key.octets())).contains(new byte[] {1});
        List<String> aside = new ArrayList<>();
        bench.log
                .view()
                .scan(Table.ASIDE, new byte[0], new byte[0], (k, _) -> aside.add(new String(k)));
        assertThat(aside).singleElement().asString().startsWith("DUE/");
    }

    @Test
    void aRemovedMessageCanBeBroughtBack() {
        Bench bench = new Bench(1);
        bench.keepRemoved();
        MessageId id = bench.commit("leo@example.net");
        assertThat(bench.prompt(() -> bench.operator().delete(id))).isTrue();
        bench.crash();
        assertThat(bench.poll()).isEmpty();
        assertThat(bench.prompt(() -> bench.queue.restore(id, _ -> true, Operator.BY))).contains(1);
        assertThat(bench.next().message()).isEqualTo(id);
    }

    @Test
    void aMessageThatWasBroughtBackGoesOn() {
        Bench bench = new Bench(1);
        bench.keepRemoved();
        MessageId id = bench.commit("leo@example.net");
        Job job = bench.next();
        bench.settled(job, Mail.bounced(job, Mail.submission("mona@example.org"), "sorry"));
        assertThat(bench.prompt(() -> bench.queue.restore(id, _ -> true, Operator.BY))).contains(1);
        bench.crash();
        List<Job> jobs = List.of(bench.next(), bench.next());
        assertThat(jobs)
                .extracting(it -> Mail.text(it.content()))
                .anyMatch(it -> it.endsWith("sorry"))
                .anyMatch(it -> it.endsWith("hello\r\n"));
    }

    @Test
    void aPurgedMessageStaysGone() {
        Bench bench = new Bench(1);
        bench.keepRemoved();
        MessageId id = bench.commit("leo@example.net");
        assertThat(bench.prompt(() -> bench.operator().delete(id))).isTrue();
        bench.clock.advance(Duration.ofHours(2));
        assertThat(bench.prompt(bench.queue::purge)).isEqualTo(1);
        bench.crash();
        bench.isEmpty();
    }

    // Jobs

    @Test
    void aScheduledJobIsHandedOutWhenItIsDue() {
        Bench bench = new Bench(1);
        Instant later = bench.clock.instant().plusSeconds(60);
        MessageId id = bench.commit(Mail.urgent(0, Optional.of(later), "leo@example.net"));
        bench.crash();
        assertThat(bench.poll()).isEmpty();
        bench.clock.advance(Duration.ofSeconds(60));
        assertThat(bench.next().message()).isEqualTo(id);
    }

    @Test
    void aParkedJobIsFoundAgain() {
        lives(
                bench -> {
                    int many = 80;
                    for (int i = 0; i < many; i++) {
                        Mail.begin(bench.queue, "x", Mail.submission("leo@busy.example"));
                    }
                    bench.log.run();
                    bench.crash();
                    bench.next();
                    if (bench.random.nextBoolean()) {
                        bench.commit("lea@other.example");
                    }
                    bench.crash();
                    int found = 0;
                    for (Optional<Job> job = bench.poll(); job.isPresent(); job = bench.poll()) {
                        found += job.get().destination().toString().startsWith("busy") ? 1 : 0;
                        bench.settled(job.get(), Mail.delivered(job.get()));
                    }
                    assertThat(found).isEqualTo(many);
                    bench.isEmpty();
                });
    }

    @Test
    void whatLeadsNowhereInTheIndexOfParkedJobsIsRemoved() {
        Bench bench = new Bench(1);
        MessageId id = bench.commit("leo@example.net");
        JobKey job = new JobKey(MessageKey.of(id).orElseThrow(), 0);
        Instant before = bench.clock.instant().minusSeconds(60);
        byte[] parked = IndexKey.parked("example.net", before, job);
        bench.log.view().arrange(List.of(new Edit.Put(Table.PARKED, parked, new byte[] {1})));
        bench.commit("lea@other.example");
        bench.crash();
        bench.next();
        bench.next();
        assertThat(bench.log.view().get(Table.PARKED, parked)).isEmpty();
    }

    @Test
    void aJobThatWasHandedOutIsHandedOutAgain() {
        Bench bench = new Bench(1);
        bench.commit("leo@example.net");
        Job job = bench.next();
        bench.crash();
        assertThat(bench.next().sameAs(job)).isTrue();
    }

    @Test
    void aSettlementUnderWayIsThereWholeOrNotAtAll() {
        lives(
                bench -> {
                    bench.commit("a@one.example", "b@one.example");
                    Job job = bench.next();
                    Instant next = bench.clock.instant().plusSeconds(60);
                    bench.settle(job, Mail.deferred(job, next));
                    bench.some();
                    bench.crash();
                    JobRecord left = record(bench, job);
                    assertThat(left.due().equals(next)).isEqualTo(left.attempts() == 1);
                    assertThat(left.attempts()).isBetween(0, 1);
                });
    }

    private static JobRecord record(Bench bench, Job job) {
        JobKey key = new JobKey(MessageKey.of(job.message()).orElseThrow(), job.number());
        return JobRecord.of(bench.log.view().get(Table.JOB, key.octets()).orElseThrow());
    }

    @Test
    void aSettlementThatFailedMayBeThere() {
        lives(
                bench -> {
                    bench.commit("leo@example.net");
                    bench.log.close();
                    bench.start(1);
                    Job job = bench.next();
                    CompletableFuture<Queue.Settled> settled =
                            bench.settle(job, Mail.delivered(job));
                    bench.log.run();
                    assertThat(settled).isCompletedExceptionally();
                    Optional<Job> again = bench.poll();
                    assertThat(again.isPresent()).isEqualTo(!bench.list().isEmpty());
                    again.ifPresent(it -> assertThat(it.sameAs(job)).isTrue());
                });
    }

    @Test
    void aDeferredJobWaitsOn() {
        Bench bench = new Bench(1);
        bench.commit("leo@example.net");
        Job job = bench.next();
        bench.settled(job, Mail.deferred(job, bench.clock.instant().plusSeconds(60)));
        bench.crash();
        assertThat(bench.poll()).isEmpty();
        bench.clock.advance(Duration.ofSeconds(60));
        assertThat(bench.next().attempts()).isEqualTo(1);
    }

    @Test
    void whatASenderWasToldIsRemembered() {
        Bench bench = new Bench(1);
        bench.commit("leo@example.net");
        Job job = bench.next();
        Settlement deferred = Mail.deferred(job, bench.clock.instant().plusSeconds(60));
        Settlement told =
                new Settlement(
                        deferred.outcomes(),
                        deferred.next(),
                        Optional.empty(),
                        Set.of(Mark.DELAY_TOLD),
                        List.of(
                                new Settlement.Report(
                                        Mail.submission("mona@other.example"),
                                        Mail.ascii("late"))));
        bench.settled(job, told);
        bench.crash();
        assertThat(Mail.text(bench.next().content())).endsWith("late");
        bench.clock.advance(Duration.ofSeconds(60));
        assertThat(bench.next().marks()).containsExactly(Mark.DELAY_TOLD);
    }

    @Test
    void aHeldJobStaysHeld() {
        Bench bench = new Bench(1);
        MessageId id = bench.commit("leo@example.net");
        assertThat(bench.prompt(() -> bench.operator().hold(id, "a test"))).isTrue();
        bench.crash();
        assertThat(bench.poll()).isEmpty();
        assertThat(bench.queue.counts()).isEqualTo(new Queue.Counts(1, 1, 0, 1, 0));
    }

    @Test
    void aReleasedJobIsDue() {
        Bench bench = new Bench(1);
        MessageId id = bench.commit("leo@example.net");
        assertThat(bench.prompt(() -> bench.operator().hold(id, "a test"))).isTrue();
        assertThat(bench.prompt(() -> bench.operator().release(id))).isTrue();
        bench.crash();
        assertThat(bench.next().marks()).containsExactly(Mark.RELEASED);
    }

    @Test
    void aJobThatIsDoneStaysDoneWhileOthersOfItsMessageWait() {
        Bench bench = new Bench(1);
        bench.commit("a@one.example", "b@two.example");
        Job job = bench.next();
        bench.settled(job, Mail.delivered(job));
        bench.crash();
        assertThat(bench.next().number()).isNotEqualTo(job.number());
        assertThat(bench.poll()).isEmpty();
    }

    // Owners

    @Test
    void anOwnerWhoseLeaseIsOverChangesNothing() {
        lives(
                bench -> {
                    bench.commit("leo@example.net");
                    Job job = bench.next();
                    LogQueue paused = bench.queue;
                    SimLog its = bench.log;
                    bench.start(0);
                    Job again = bench.next();
                    assertThat(again.sameAs(job)).isTrue();
                    bench.settled(
                            again, Mail.deferred(again, bench.clock.instant().plusSeconds(60)));
                    CompletableFuture<Queue.Settled> late =
                            paused.settle(job, Mail.delivered(job)).toCompletableFuture();
                    its.run();
                    assertThat(late).isCompletedExceptionally();
                    assertThat(record(bench, job).attempts()).isEqualTo(1);
                });
    }

    @Test
    void anOwnerWhoComesBackDoesNotSettleWhatAnotherHasSettled() {
        Bench bench = new Bench(1);
        bench.commit("leo@example.net");
        Job job = bench.next();
        LogQueue paused = bench.queue;
        SimLog its = bench.log;
        bench.start(0);
        Job again = bench.next();
        bench.settled(again, Mail.deferred(again, bench.clock.instant().plusSeconds(60)));
        its.takeOver();
        CompletableFuture<Queue.Settled> late =
                paused.settle(job, Mail.bounced(job, Mail.submission("mona@example.org"), "x"))
                        .toCompletableFuture();
        its.run();
        assertThat(late).isCompletedExceptionally();
        assertThat(paused.counts()).isEqualTo(new Queue.Counts(1, 1, 0, 0, 0));
    }
}
