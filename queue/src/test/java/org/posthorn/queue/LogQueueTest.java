package org.posthorn.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.posthorn.api.delivery.Outcome;
import org.posthorn.api.intake.Draft;
import org.posthorn.api.intake.QueueUnavailableException;
import org.posthorn.api.intake.Submission;
import org.posthorn.api.mail.Domain;
import org.posthorn.api.mail.MessageId;
import org.posthorn.queue.QueuedMessage.State;
import org.posthorn.queue.sim.SimDisk;
import org.posthorn.queue.sim.SimLog;
import org.posthorn.queue.state.Edit;
import org.posthorn.queue.state.IndexKey;
import org.posthorn.queue.state.JobKey;
import org.posthorn.queue.state.MessageKey;
import org.posthorn.queue.state.Table;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/// The queue's promises, on a log in memory and a clock that stands still.
@Timeout(60)
class LogQueueTest {
    private final MovableClock clock = new MovableClock();
    private final SimDisk disk = new SimDisk();
    private int active = 1000;
    private int lanes = 2;
    private int share = 1000;
    private SimLog log;
    private LogQueue queue;
    private Operator operator;
    private Removals.Policy undo = Removals.Policy.NONE;

    LogQueueTest() {
        start(0);
    }

    private void start(double faults) {
        SplittableRandom random = new SplittableRandom(7);
        log = new SimLog(disk, random, faults);
        queue =
                new LogQueue(
                        log,
                        new LaneLimits() {
                            @Override
                            public int active() {
                                return active;
                            }

                            @Override
                            public int lanes(Destination destination) {
                                return lanes;
                            }

                            @Override
                            public int share() {
                                return share;
                            }
                        },
                        clock,
                        random,
                        1 << 20,
                        undo);
        operator = new Operator(queue);
    }

    private void crashAndStart() {
        log.crash();
        start(0);
    }

    private <T> T done(CompletionStage<T> stage) {
        log.run();
        return stage.toCompletableFuture().join();
    }

    private MessageId commit(String... recipients) {
        return done(Mail.begin(queue, "hello\r\n", Mail.submission(recipients)));
    }

    private Job next() throws InterruptedException {
        return queue.poll().orElseThrow(() -> new AssertionError("no job is due"));
    }

    private List<Job> all() throws InterruptedException {
        List<Job> jobs = new ArrayList<>();
        for (Optional<Job> job = queue.poll(); job.isPresent(); job = queue.poll()) {
            jobs.add(job.get());
        }
        return jobs;
    }

    private static Destination destination(String domain) {
        return new Destination(Domain.name(domain));
    }

    @Test
    void makesOneJobPerDestination() throws InterruptedException {
        commit("a@one.example", "b@two.example", "c@one.example");
        List<Job> jobs = all();
        assertThat(jobs)
                .extracting(Job::destination)
                .containsExactlyInAnyOrder(destination("one.example"), destination("two.example"));
        assertThat(jobs)
                .filteredOn(it -> it.destination().equals(destination("one.example")))
                .singleElement()
                .satisfies(
                        it ->
                                assertThat(it.envelope())
                                        .isEqualTo(
                                                Mail.envelope("a@one.example", "c@one.example")));
    }

    @Test
    void acknowledgesNothingBeforeItIsDurable() throws Exception {
        CompletionStage<MessageId> commit =
                Mail.begin(queue, "hello\r\n", Mail.submission("leo@example.net"));
        assertThat(commit.toCompletableFuture()).isNotDone();
        assertThat(queue.poll()).isEmpty();
        log.run();
        assertThat(commit.toCompletableFuture()).isCompleted();
    }

    @Test
    void nobodyElseGetsAJobUntilItIsSettledOrGivenBack() throws InterruptedException {
        commit("leo@example.net");
        Job job = next();
        assertThat(queue.poll()).isEmpty();
        queue.giveBack(job);
        assertThat(next().sameAs(job)).isTrue();
    }

    @Test
    void isGoneWhenAllJobsAreDoneAndSaysSoOnce() throws InterruptedException {
        MessageId id = commit("a@one.example", "b@two.example");
        List<Job> jobs = all();
        assertThat(done(queue.settle(jobs.get(0), Mail.delivered(jobs.get(0)))).finished())
                .isFalse();
        assertThat(done(queue.settle(jobs.get(1), Mail.delivered(jobs.get(1)))).finished())
                .isTrue();
        assertThat(queue.find(id)).isEmpty();
        assertThat(queue.content(id)).isEmpty();
        assertThat(queue.counts()).isEqualTo(new Queue.Counts(0, 0, 0, 0, 0));
    }

    @Test
    void settlesSiblingsThatEndTogether() throws InterruptedException {
        commit("a@one.example", "b@two.example", "c@three.example");
        List<CompletionStage<Queue.Settled>> settled =
                all().stream().map(it -> queue.settle(it, Mail.delivered(it))).toList();
        log.run();
        assertThat(settled.stream().filter(it -> it.toCompletableFuture().join().finished()))
                .hasSize(1);
        assertThat(queue.counts().messages()).isZero();
    }

    @Test
    void keepsOnlyTheRecipientsThatWait() throws InterruptedException {
        commit("a@one.example", "b@one.example", "c@one.example");
        Job job = next();
        Instant later = clock.instant().plus(Duration.ofMinutes(5));
        Outcome delivered = new Outcome.Delivered(Mail.OK);
        Outcome deferred = new Outcome.Deferred(Mail.LATER);
        done(
                queue.settle(
                        job,
                        new Settlement(
                                List.of(delivered, deferred, delivered),
                                Optional.of(later),
                                Optional.empty())));
        assertThat(queue.poll()).isEmpty();
        clock.advance(Duration.ofMinutes(5));
        Job again = next();
        assertThat(again.envelope()).isEqualTo(Mail.envelope("b@one.example"));
        assertThat(again.attempts()).isEqualTo(1);
        assertThat(again.due()).isEqualTo(later);
        assertThat(queue.find(job.message()).orElseThrow().jobs().getFirst().waiting())
                .singleElement()
                .satisfies(it -> assertThat(it.last()).contains(deferred));
    }

    @Test
    void countsNoAttemptThatWasNotMade() throws InterruptedException {
        commit("leo@example.net");
        Job job = next();
        Instant opens = clock.instant().plus(Duration.ofMinutes(5));
        done(queue.settle(job, Mail.deferred(job, opens).withoutAttempt()));
        clock.advance(Duration.ofMinutes(5));
        assertThat(next().attempts()).isZero();
    }

    @Test
    void commitsABounceWithItsSettlement() throws InterruptedException {
        MessageId failed = commit("leo@example.net");
        Job job = next();
        MessageId bounce =
                done(queue.settle(
                                job,
                                Mail.bounced(
                                        job, Mail.submission("mona@example.org"), "unknown\r\n")))
                        .reports()
                        .getFirst();
        assertThat(queue.find(failed)).isEmpty();
        Job next = next();
        assertThat(next.message()).isEqualTo(bounce);
        assertThat(Mail.text(next.content())).endsWith("\r\n\r\nunknown\r\n");
    }

    @Test
    void aCrashMakesUnsettledJobsDueAgain() throws InterruptedException {
        commit("a@one.example");
        commit("b@two.example");
        Job job = next();
        queue.settle(job, Mail.delivered(job));
        crashAndStart();
        assertThat(all()).hasSize(2);
    }

    @Test
    void aFailedSettlementMakesTheJobDueAgain() throws InterruptedException {
        commit("leo@example.net");
        log.close();
        start(1);
        Job job = next();
        CompletionStage<Queue.Settled> settled =
                queue.settle(job, Mail.deferred(job, clock.instant().plusSeconds(60)));
        log.run();
        assertThatThrownBy(() -> settled.toCompletableFuture().join())
                .hasCauseInstanceOf(QueueUnavailableException.class);
        clock.advance(Duration.ofMinutes(1));
        assertThat(next().sameAs(job)).isTrue();
    }

    @Test
    void handsOutNoMoreThanTheWindow() throws InterruptedException {
        active = 3;
        for (int i = 0; i < 5; i++) {
            commit("leo@d" + i + ".example");
        }
        List<Job> jobs = all();
        assertThat(jobs).hasSize(3);
        assertThat(queue.counts().active()).isEqualTo(3);
        done(queue.settle(jobs.getFirst(), Mail.delivered(jobs.getFirst())));
        assertThat(all()).hasSize(1);
    }

    @Test
    void handsOutNoMoreThanTheLanesOfADestination() throws InterruptedException {
        for (int i = 0; i < 5; i++) {
            commit("leo@slow.example");
        }
        commit("leo@fast.example");
        List<Job> jobs = all();
        assertThat(jobs).hasSize(3);
        Job slow =
                jobs.stream()
                        .filter(it -> it.destination().equals(destination("slow.example")))
                        .findFirst()
                        .orElseThrow();
        done(queue.settle(slow, Mail.delivered(slow)));
        assertThat(all()).extracting(Job::destination).containsExactly(destination("slow.example"));
    }

    @Test
    void parksOnDiskWhatASaturatedDestinationCannotTake() throws InterruptedException {
        int many = 3000;
        List<CompletionStage<MessageId>> commits = new ArrayList<>();
        for (int i = 0; i < many; i++) {
            commits.add(Mail.begin(queue, "x", Mail.submission("leo@dead.example")));
        }
        log.run();
        List<Job> dead = all();
        assertThat(dead).hasSize(2);
        assertThat(rows(Table.PARKED)).isGreaterThan(many - 100);
        assertThat(rows(Table.PARKED) + rows(Table.DUE)).isEqualTo(many);
        commit("leo@living.example");
        assertThat(next().destination()).isEqualTo(destination("living.example"));

        Set<MessageId> seen = new HashSet<>();
        for (List<Job> jobs = dead; !jobs.isEmpty(); jobs = all()) {
            jobs.forEach(
                    it -> {
                        assertThat(seen.add(it.message())).isTrue();
                        queue.settle(it, Mail.delivered(it));
                    });
            log.run();
        }
        assertThat(seen).hasSize(many);
        assertThat(rows(Table.PARKED)).isZero();
    }

    @Test
    void findsParkedJobsAgainAfterACrash() throws InterruptedException {
        for (int i = 0; i < 200; i++) {
            Mail.begin(queue, "x", Mail.submission("leo@dead.example"));
        }
        log.run();
        assertThat(all()).hasSize(2);
        commit("syncs@other.example");
        crashAndStart();
        lanes = 1000;
        assertThat(all()).hasSize(201);
    }

    @Test
    void givesBackAParkedJobToWhereItWas() throws InterruptedException {
        lanes = 1;
        for (int i = 0; i < 200; i++) {
            Mail.begin(queue, "x", Mail.submission("leo@dead.example"));
        }
        log.run();
        Set<MessageId> seen = new HashSet<>();
        for (int i = 0; i < 150; i++) {
            Job job = next();
            done(queue.settle(job, Mail.delivered(job)));
            seen.add(job.message());
        }
        Job job = next();
        queue.giveBack(job);
        for (Optional<Job> rest = queue.poll(); rest.isPresent(); rest = queue.poll()) {
            seen.add(rest.get().message());
            done(queue.settle(rest.get(), Mail.delivered(rest.get())));
        }
        assertThat(seen).hasSize(200).contains(job.message());
    }

    @Test
    void handsOutAllWhenTheStoreWorksAgainWhateverFailedMeanwhile() throws InterruptedException {
        lanes = 1;
        int many = 300;
        for (int i = 0; i < many; i++) {
            Mail.begin(queue, "x", Mail.submission("leo@dead.example"));
        }
        log.run();
        restart();
        Set<MessageId> seen = new HashSet<>();
        for (SimLog.Access way : SimLog.Access.values()) {
            for (int i = 0; i < 70; i++) {
                log.breakDown(way);
                Optional<Job> job = queue.poll();
                log.breakDown();
                Job found = job.isPresent() ? job.get() : next();
                seen.add(found.message());
                done(queue.settle(found, Mail.delivered(found)));
            }
        }
        for (Optional<Job> rest = queue.poll(); rest.isPresent(); rest = queue.poll()) {
            seen.add(rest.get().message());
            done(queue.settle(rest.get(), Mail.delivered(rest.get())));
        }
        assertThat(seen).hasSize(many);
        assertThat(rows(Table.PARKED) + rows(Table.DUE)).isZero();
    }

    /// An operator may change a job while it is being parked. What that leaves in the index leads
    /// nowhere, and is removed when it is read, whether or not the job is in somebody's hands.
    @Test
    void removesWhatLeadsNowhereFromTheIndexOfParkedJobs() throws InterruptedException {
        MessageId gone = commit("a@one.example");
        Job job = next();
        done(queue.settle(job, Mail.delivered(job)));
        MessageId held = commit("b@one.example");
        operate(() -> operator.hold(held, "a test"));
        MessageId rest = commit("c@one.example");
        for (MessageId message : List.of(gone, held, rest)) {
            JobKey key = new JobKey(MessageKey.of(message).orElseThrow(), 0);
            Instant before = clock.instant().minusSeconds(60);
            byte[] parked = IndexKey.parked("one.example", before, key);
            log.view().arrange(List.of(new Edit.Put(Table.PARKED, parked, new byte[] {1})));
        }
        restart();
        List<Job> left = all();
        assertThat(left).extracting(Job::message).containsExactly(rest);
        done(queue.settle(left.getFirst(), Mail.delivered(left.getFirst())));
        assertThat(rows(Table.PARKED)).isZero();
    }

    @Test
    void findsAParkedJobBesideAnEntryOfItThatLeadsNowhere() throws InterruptedException {
        MessageId id = commit("leo@one.example");
        JobKey job = new JobKey(MessageKey.of(id).orElseThrow(), 0);
        Instant due = clock.instant();
        log.view()
                .arrange(
                        List.of(
                                new Edit.Delete(Table.DUE, IndexKey.due(due, job)),
                                parked(due.minusSeconds(60), job),
                                parked(due, job)));
        restart();
        List<Job> found = all();
        found.addAll(all());
        assertThat(found).extracting(Job::message).containsExactly(id);
        done(queue.settle(found.getFirst(), Mail.delivered(found.getFirst())));
        assertThat(rows(Table.PARKED)).isZero();
    }

    private static Edit parked(Instant since, JobKey job) {
        byte[] key = IndexKey.parked("one.example", since, job);
        return new Edit.Put(Table.PARKED, key, new byte[] {1});
    }

    @Test
    void handsOutWhatWasHeldAndReleasedWhileItWasNext() throws InterruptedException {
        MessageId one = commit("a@one.example");
        MessageId two = commit("b@two.example");
        MessageId first = next().message();
        MessageId second = first.equals(one) ? two : one;
        clock.advance(Duration.ofSeconds(1));
        operate(() -> operator.hold(second, "a test"));
        operate(() -> operator.release(second));
        assertThat(next().message()).isEqualTo(second);
    }

    @Test
    void newMailDoesNotKeepOldMailWaiting() throws InterruptedException {
        MessageId old = commit("leo@old.example");
        Job first = next();
        done(queue.settle(first, Mail.deferred(first, clock.instant().plusSeconds(60))));
        clock.advance(Duration.ofMinutes(1));
        Set<MessageId> seen = new HashSet<>();
        for (int i = 0; i < 600 && !seen.contains(old); i++) {
            commit("leo@d" + 2 * i + ".example");
            commit("leo@d" + (2 * i + 1) + ".example");
            seen.add(next().message());
        }
        assertThat(seen).contains(old);
    }

    @Test
    void isNotDueBeforeTheTimeItWasSubmittedFor() throws InterruptedException {
        Instant release = clock.instant().plus(Duration.ofHours(3));
        MessageId id =
                done(
                        Mail.begin(
                                queue,
                                "x",
                                Mail.urgent(9, Optional.of(release), "leo@example.net")));
        assertThat(queue.poll()).isEmpty();
        crashAndStart();
        clock.advance(Duration.ofHours(3).minusMillis(1));
        assertThat(queue.poll()).isEmpty();
        clock.advance(Duration.ofMillis(1));
        Job job = next();
        assertThat(job.message()).isEqualTo(id);
        assertThat(job.due()).isEqualTo(release);
        assertThat(job.acceptedAt()).isEqualTo(release.minus(Duration.ofHours(3)));
    }

    @Test
    void takesUrgentMailOfADestinationFirst() throws InterruptedException {
        lanes = 1;
        List<CompletionStage<MessageId>> commits = new ArrayList<>();
        for (int priority : List.of(0, -9, 9, 3, 0)) {
            commits.add(
                    Mail.begin(
                            queue,
                            "x",
                            Mail.urgent(priority, Optional.empty(), "leo@example.net")));
        }
        log.run();
        List<String> order = new ArrayList<>();
        for (Optional<Job> job = queue.poll(); job.isPresent(); job = queue.poll()) {
            order.add(job.get().envelope().parameters().value("MT-PRIORITY").orElseThrow());
            done(queue.settle(job.get(), Mail.delivered(job.get())));
        }
        // The first one had the lane before the others came.
        assertThat(order).containsExactly("0", "9", "3", "0", "-9");
    }

    @Test
    void urgentMailPassesWhatIsParkedButNotForEver() throws InterruptedException {
        lanes = 1;
        for (int i = 0; i < 200; i++) {
            Mail.begin(queue, "x", Mail.submission("leo@dead.example"));
        }
        log.run();
        Job first = next();
        assertThat(queue.poll()).isEmpty();
        assertThat(rows(Table.PARKED)).isGreaterThan(100);
        clock.advance(Duration.ofMinutes(89));
        MessageId urgent =
                done(Mail.begin(queue, "u", Mail.urgent(9, Optional.empty(), "leo@dead.example")));
        clock.advance(Duration.ofMinutes(2));
        MessageId late =
                done(Mail.begin(queue, "l", Mail.urgent(9, Optional.empty(), "leo@dead.example")));
        List<MessageId> order = new ArrayList<>();
        for (Optional<Job> job = Optional.of(first); job.isPresent(); job = queue.poll()) {
            order.add(job.get().message());
            done(queue.settle(job.get(), Mail.delivered(job.get())));
        }
        assertThat(order).hasSize(202).doesNotHaveDuplicates();
        // Two rounds of 64 may be in memory before it is found.
        assertThat(order.indexOf(urgent)).isLessThanOrEqualTo(130);
        assertThat(order.indexOf(late)).isEqualTo(201);
        assertThat(rows(Table.PARKED) + rows(Table.DUE)).isZero();
    }

    @Test
    void remembersMarksThroughACrash() throws InterruptedException {
        commit("leo@example.net");
        Job job = next();
        Settlement told =
                new Settlement(
                        List.of(new Outcome.Deferred(Mail.LATER)),
                        Optional.of(clock.instant()),
                        Optional.empty(),
                        Set.of(Mark.DELAY_TOLD),
                        List.of(
                                new Settlement.Report(
                                        Mail.submission("mona@example.org"), Mail.ascii("late"))));
        assertThat(done(queue.settle(job, told)).reports()).hasSize(1);
        crashAndStart();
        List<Job> jobs = all();
        assertThat(jobs).hasSize(2);
        Job again = jobs.stream().filter(it -> it.sameAs(job)).findFirst().orElseThrow();
        assertThat(again.marks()).containsExactly(Mark.DELAY_TOLD);
        done(queue.settle(again, Mail.deferred(again, clock.instant())));
        assertThat(next().marks()).containsExactly(Mark.DELAY_TOLD);
    }

    @Test
    void remembersThatAnOperatorReleasedIt() throws InterruptedException {
        MessageId id = commit("leo@example.net");
        Job untouched = next();
        assertThat(untouched.marks()).isEmpty();
        queue.giveBack(untouched);
        operate(() -> operator.hold(id, "looks odd"));
        operate(() -> operator.release(id));
        crashAndStart();
        assertThat(next().marks()).containsExactly(Mark.RELEASED);
    }

    private int rows(Table table) {
        int[] count = {0};
        log.view().scan(table, new byte[0], new byte[0], (_, _) -> ++count[0] > 0);
        return count[0];
    }

    @Test
    void retriesAMessageNow() throws InterruptedException {
        MessageId id = commit("leo@example.net");
        Job job = next();
        done(queue.settle(job, Mail.deferred(job, clock.instant().plusSeconds(600))));
        assertThat(operate(() -> operator.retry(id))).isTrue();
        assertThat(next().attempts()).isEqualTo(1);
        assertThat(operator.retry(new MessageId("00000000000000000000"))).isFalse();
        assertThat(operator.retry(new MessageId("notmadehere"))).isFalse();
    }

    @Test
    void retriesADestinationNow() throws InterruptedException {
        lanes = 10;
        for (int i = 0; i < 10; i++) {
            commit("leo@d" + i % 2 + ".example");
        }
        for (Job job : all()) {
            done(queue.settle(job, Mail.deferred(job, clock.instant().plusSeconds(600))));
        }
        assertThat(operate(() -> queue.retry(destination("d0.example")))).isEqualTo(5);
        assertThat(all())
                .hasSize(5)
                .allSatisfy(
                        it -> assertThat(it.destination()).isEqualTo(destination("d0.example")));
    }

    @Test
    void whatWasSubmittedForLaterWaitsForItsTimeUnlessAnOperatorNamesIt() throws Exception {
        Instant release = clock.instant().plus(Duration.ofHours(3));
        Submission later = Mail.urgent(0, Optional.of(release), "leo@example.net");
        MessageId id = done(Mail.begin(queue, "x", later));
        assertThat(operate(() -> queue.retry(destination("example.net")))).isZero();
        operate(() -> operator.hold(id, "looks odd"));
        operate(() -> operator.release(id));
        assertThat(queue.poll()).isEmpty();
        assertThat(operate(() -> operator.retry(id))).isTrue();
        Job job = next();
        done(queue.settle(job, Mail.deferred(job, release)));
        assertThat(operate(() -> queue.retry(destination("example.net")))).isOne();
        assertThat(next().attempts()).isEqualTo(1);
    }

    private MessageId commitFrom(String source, String recipient) {
        Submission plain = Mail.submission(recipient);
        return done(
                Mail.begin(
                        queue,
                        "x",
                        new Submission(
                                plain.envelope(),
                                plain.header(),
                                Optional.empty(),
                                Map.of("tenant", source))));
    }

    @Test
    void noTenantGetsMoreThanItsShare() throws InterruptedException {
        share = 3;
        for (int i = 0; i < 50; i++) {
            commitFrom("greedy", "leo@d" + i + ".example");
        }
        MessageId modest = commitFrom("modest", "leo@example.net");
        List<Job> first = all();
        assertThat(first).hasSize(4).extracting(Job::message).contains(modest);
        assertThat(
                        queue.list(Optional.empty(), 100).stream()
                                .map(it -> it.jobs().getFirst().reason())
                                .filter(it -> it.startsWith("greedy has its share")))
                .hasSize(47);
        int delivered = 0;
        Deque<Job> out = new ArrayDeque<>(first);
        while (!out.isEmpty()) {
            done(queue.settle(out.peek(), Mail.delivered(out.remove())));
            delivered++;
            out.addAll(all());
            assertThat(out).hasSizeLessThanOrEqualTo(4);
        }
        assertThat(delivered).isEqualTo(51);
        assertThat(rows(Table.PARKED) + rows(Table.DUE)).isZero();
    }

    /// Also where others' parked jobs are read before its own.
    @Test
    void newMailOfATenantDoesNotPassWhatIsParkedOfIt() throws InterruptedException {
        share = 2;
        lanes = 1;
        for (int i = 0; i < 200; i++) {
            commitFrom("modest" + i, "lea@example.net");
        }
        List<MessageId> sent = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            clock.advance(Duration.ofSeconds(1));
            sent.add(commitFrom("greedy", "leo@d" + i + ".example"));
        }
        List<MessageId> taken = new ArrayList<>();
        while (sent.size() < 250) {
            List<Job> out = all();
            out.sort(Comparator.comparing(it -> it.metadata().get("tenant").equals("greedy")));
            for (Job job : out) {
                if (job.metadata().get("tenant").equals("greedy")) {
                    taken.add(job.message());
                }
                done(queue.settle(job, Mail.delivered(job)));
            }
            for (int i = 0; i < 2; i++) {
                clock.advance(Duration.ofSeconds(1));
                sent.add(commitFrom("greedy", "leo@d" + sent.size() + ".example"));
            }
        }
        assertThat(taken).hasSizeGreaterThan(200).isEqualTo(sent.subList(0, taken.size()));
    }

    @Test
    void aShareOutlastsACrash() throws InterruptedException {
        share = 1;
        for (int i = 0; i < 600; i++) {
            commitFrom("greedy", "leo@d" + i % 300 + ".example");
        }
        assertThat(all()).hasSize(1);
        crashAndStart();
        Set<MessageId> seen = new HashSet<>();
        for (Optional<Job> job = queue.poll(); job.isPresent(); job = queue.poll()) {
            assertThat(seen.add(job.get().message())).isTrue();
            assertThat(queue.poll()).isEmpty();
            done(queue.settle(job.get(), Mail.delivered(job.get())));
        }
        assertThat(seen).hasSize(600);
    }

    @Test
    void aTenantAtItsShareDoesNotBlockTheLanesOfOthers() throws InterruptedException {
        share = 2;
        lanes = 2;
        for (int i = 0; i < 300; i++) {
            commitFrom("greedy", "leo@example.net");
        }
        List<Job> greedy = all();
        assertThat(greedy).hasSize(2);
        MessageId modest = commitFrom("modest", "lea@example.net");
        MessageId elsewhere = commitFrom("greedy", "leo@example.com");
        done(
                queue.settle(
                        greedy.getFirst(),
                        Mail.deferred(greedy.getFirst(), clock.instant().plusSeconds(60))));
        Set<MessageId> next = new HashSet<>();
        all().forEach(it -> next.add(it.message()));
        for (int round = 0; round < 300 && !next.contains(modest); round++) {
            for (Job job : List.copyOf(greedy.subList(1, greedy.size()))) {
                greedy.remove(job);
                done(queue.settle(job, Mail.delivered(job)));
            }
            List<Job> more = all();
            more.forEach(it -> next.add(it.message()));
            greedy.addAll(more);
        }
        assertThat(next).contains(modest);
        assertThat(queue.find(elsewhere)).isPresent();
    }

    @Test
    void aReleaseDoesNotForgetWhatWasSubmittedForLater() throws Exception {
        Instant release = clock.instant().plus(Duration.ofHours(3));
        Submission later = Mail.urgent(0, Optional.of(release), "leo@example.net");
        MessageId id = done(Mail.begin(queue, "x", later));
        operate(() -> operator.hold(id, "looks odd"));
        operate(() -> operator.release(id));
        crashAndStart();
        assertThat(queue.poll()).isEmpty();
        clock.advance(Duration.ofHours(3));
        assertThat(next().due()).isEqualTo(release);
    }

    @Test
    void holdsUntilReleased() throws InterruptedException {
        MessageId id = commit("leo@example.net");
        assertThat(operate(() -> operator.hold(id, "looks odd"))).isTrue();
        assertThat(queue.poll()).isEmpty();
        assertThat(queue.find(id).orElseThrow().jobs().getFirst().state())
                .isEqualTo(new State.Held("looks odd"));
        assertThat(queue.counts().held()).isEqualTo(1);
        operate(() -> operator.retry(id));
        assertThat(queue.poll()).isEmpty();
        crashAndStart();
        assertThat(queue.poll()).isEmpty();
        assertThat(operate(() -> operator.release(id))).isTrue();
        assertThat(next().message()).isEqualTo(id);
        assertThat(queue.counts().held()).isZero();
    }

    @Test
    void holdsWhatWasSubmittedToBeHeld() throws InterruptedException {
        Submission plain = Mail.submission("leo@example.net");
        MessageId id =
                done(
                        Mail.begin(
                                queue,
                                "x",
                                new Submission(
                                        plain.envelope(),
                                        plain.header(),
                                        Optional.of("virus"),
                                        Map.of())));
        assertThat(queue.poll()).isEmpty();
        assertThat(queue.counts().held()).isEqualTo(1);
        operate(() -> operator.release(id));
        assertThat(next().message()).isEqualTo(id);
    }

    @Test
    void holdsOneJobThatItsSettlementSays() throws InterruptedException {
        MessageId id = commit("a@one.example", "b@two.example");
        Job job = next();
        Settlement held =
                new Settlement(
                        List.of(new Outcome.Deferred(Mail.LATER)),
                        Optional.of(clock.instant()),
                        Optional.of("route hold"));
        done(queue.settle(job, held));
        assertThat(all())
                .hasSize(1)
                .noneSatisfy(it -> assertThat(it.destination()).isEqualTo(job.destination()));
        operate(() -> operator.release(id));
        assertThat(next().destination()).isEqualTo(job.destination());
    }

    @Test
    void aHoldDuringAnAttemptHoldsWhatIsLeftOfIt() throws InterruptedException {
        MessageId id = commit("leo@example.net");
        Job job = next();
        operate(() -> operator.hold(id, "wait"));
        done(queue.settle(job, Mail.deferred(job, clock.instant())));
        assertThat(queue.poll()).isEmpty();
        assertThat(queue.counts()).isEqualTo(new Queue.Counts(1, 1, 0, 1, 0));
        assertThat(rows(Table.DUE)).isZero();
        operate(() -> operator.release(id));
        assertThat(next().attempts()).isEqualTo(1);
    }

    @Test
    void deletesWithoutABounce() throws InterruptedException {
        MessageId id = commit("a@one.example", "b@two.example");
        Job job = next();
        assertThat(operate(() -> operator.delete(id))).isTrue();
        assertThat(operate(() -> operator.delete(id))).isFalse();
        assertThat(
                        done(
                                queue.settle(
                                        job,
                                        Mail.bounced(
                                                job, Mail.submission("mona@example.org"), "x"))))
                .isEqualTo(new Queue.Settled(List.of(), false));
        assertThat(queue.poll()).isEmpty();
        assertThat(queue.counts()).isEqualTo(new Queue.Counts(0, 0, 0, 0, 0));
        for (Table table :
                List.of(
                        Table.CONTENT,
                        Table.MESSAGE,
                        Table.JOB,
                        Table.DUE,
                        Table.PARKED,
                        Table.HELD)) {
            assertThat(rows(table)).as(table.name()).isZero();
        }
    }

    /// Operators wait for the disk, so the log must move while they do.
    private <T> T operate(Supplier<T> operation) {
        CompletableFuture<T> result = CompletableFuture.supplyAsync(operation);
        while (!result.isDone()) {
            if (!log.step()) {
                Thread.onSpinWait();
            }
        }
        return result.join();
    }

    @Test
    void listsPagesInTheOrderOfIds() {
        for (int i = 0; i < 25; i++) {
            commit("leo@d" + i + ".example", "lea@example.net");
        }
        List<MessageId> ids = new ArrayList<>();
        Optional<MessageId> after = Optional.empty();
        for (List<QueuedMessage> page = queue.list(after, 10);
                !page.isEmpty();
                page = queue.list(after, 10)) {
            assertThat(page).allSatisfy(it -> assertThat(it.jobs()).hasSize(2));
            page.forEach(it -> ids.add(it.id()));
            after = Optional.of(page.getLast().id());
        }
        assertThat(ids)
                .hasSize(25)
                .doesNotHaveDuplicates()
                .isSortedAccordingTo((a, b) -> a.text().compareTo(b.text()));
        assertThatThrownBy(() -> queue.list(Optional.empty(), 0))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aDraftThatIsClosedLeavesNoTrace() throws Exception {
        for (int size : List.of(10, 2 << 20)) {
            try (Draft draft = queue.begin(0)) {
                CompletionStage<Void> written = draft.write(ByteBuffer.wrap(Mail.pattern(size, 1)));
                done(written);
            }
            log.run();
        }
        assertThat(rows(Table.CONTENT)).isZero();
        assertThat(rows(Table.DRAFT)).isZero();
    }

    @Test
    void draftsShareABoundedMemory() throws Exception {
        List<Draft> drafts = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            Draft draft = queue.begin(0);
            done(draft.write(ByteBuffer.wrap(Mail.pattern(100_000, i))));
            drafts.add(draft);
        }
        assertThat(queue.draftMemory()).isBetween(500_000L, 1L << 20);
        for (int i = 0; i < 100; i++) {
            byte[] body = Mail.pattern(100_000, i);
            assertThat(Mail.text(drafts.get(i).content(Mail.ascii(""))))
                    .isEqualTo(new String(body, US_ASCII));
            CompletionStage<MessageId> commit =
                    drafts.get(i).commit(Mail.submission("leo@d" + i + ".example"));
            assertThat(Mail.text(queue.content(done(commit)).orElseThrow()))
                    .endsWith(new String(body, US_ASCII));
        }
        assertThat(queue.draftMemory()).isZero();
    }

    @Test
    void aCorruptRecordIsSetAsideAndTheRestGoesOn() throws InterruptedException {
        MessageId bad = commit("bad@one.example");
        MessageId good = commit("good@two.example");
        MessageKey key = MessageKey.of(bad).orElseThrow();
        log.view()
                .arrange(List.of(new Edit.Put(Table.MESSAGE, key.octets(), new byte[] {1, 2, 3})));
        restart();
        assertThat(all()).extracting(Job::message).containsExactly(good);
        assertThat(queue.list(Optional.empty(), 10))
                .extracting(QueuedMessage::id)
                .containsExactly(good);
        assertThat(rows(Table.ASIDE)).isEqualTo(1);
        assertThat(rows(Table.JOB)).isEqualTo(2);
    }

    @Test
    void goesOnWithJobsThatAnEarlierVersionWrote() throws InterruptedException {
        MessageId id = commit("leo@example.net");
        byte[] job = new JobKey(MessageKey.of(id).orElseThrow(), 0).octets();
        byte[] now = log.view().get(Table.JOB, job).orElseThrow();
        // Without marks and priority, an octet each, and what came with the third format: the
        // source,
        // no orders, no notes.
        String sender =
                Mail.submission("leo@example.net")
                        .envelope()
                        .sender()
                        .mailbox()
                        .orElseThrow()
                        .toString();
        int source = 1 + sender.length();
        byte[] then = Arrays.copyOf(now, now.length - 2 - source - 3);
        then[0] = 1;
        log.view().arrange(List.of(new Edit.Put(Table.JOB, job, then)));
        restart();
        Job old = next();
        assertThat(old.marks()).isEmpty();
        done(queue.settle(old, Mail.deferred(old, clock.instant())));
        assertThat(log.view().get(Table.JOB, job).orElseThrow()[0]).isEqualTo((byte) 3);
        Job again = next();
        assertThat(done(queue.settle(again, Mail.delivered(again))).finished()).isTrue();
        assertThat(rows(Table.DUE) + rows(Table.JOB)).isZero();
    }

    private void restart() {
        log.close();
        start(0);
    }
}
