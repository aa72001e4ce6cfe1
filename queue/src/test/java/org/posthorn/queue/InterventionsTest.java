package org.posthorn.queue;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.api.delivery.Outcome;
import org.posthorn.api.mail.MessageId;
import org.posthorn.api.smtp.Reply;
import org.posthorn.queue.QueuedMessage.HistoryEntry;
import org.posthorn.queue.QueuedMessage.QueuedJob;
import org.posthorn.queue.QueuedMessage.State;
import org.posthorn.queue.rocks.RocksLog;
import org.posthorn.queue.state.Table;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/// What operators do to a queue on a real store, and what they can read of it.
final class InterventionsTest {
    private static final Duration WINDOW = Duration.ofHours(1);
    private static final Reply UNKNOWN = Reply.of(550, "5.1.1", "unknown");

    @TempDir private Path directory;
    private final MovableClock clock = new MovableClock();
    private long space = 1 << 20;
    private RocksLog log;
    private LogQueue queue;
    private Operator operator;

    @BeforeEach
    void open() throws IOException {
        log = RocksLog.open(directory, 4, 0, new SplittableRandom(5));
        LaneLimits limits =
                new LaneLimits() {
                    @Override
                    public int active() {
                        return 10;
                    }

                    @Override
                    public int lanes(Destination destination) {
                        return 1;
                    }
                };
        queue =
                new LogQueue(
                        log,
                        limits,
                        clock,
                        new SplittableRandom(6),
                        1 << 20,
                        new Removals.Policy(WINDOW, space));
        operator = new Operator(queue);
    }

    @AfterEach
    void close() {
        queue.close();
    }

    private void reopen() throws IOException {
        close();
        open();
    }

    private MessageId commit(String... recipients) {
        return Mail.commit(queue, recipients);
    }

    private Queue.Settled settle(Job job, Settlement settlement) {
        return queue.settle(job, settlement).toCompletableFuture().join();
    }

    private Queue.Settled fail(Job job) {
        return settle(
                job,
                new Settlement(
                        Collections.nCopies(
                                job.envelope().recipients().size(), new Outcome.Failed(UNKNOWN)),
                        Optional.empty(),
                        Optional.empty()));
    }

    private Job next() throws InterruptedException {
        return queue.poll().orElseThrow(() -> new AssertionError("no job is due"));
    }

    private QueuedJob job(MessageId id) {
        return queue.find(id).orElseThrow().jobs().getFirst();
    }

    private static List<String> texts(QueuedJob job) {
        return job.history().stream().map(HistoryEntry::text).toList();
    }

    private static String recipients(Job job) {
        return job.envelope().recipients().stream()
                .map(it -> it.mailbox().toString())
                .sorted()
                .toList()
                .toString();
    }

    private int rows(Table table) {
        List<byte[]> rows = new ArrayList<>();
        log.view().scan(table, new byte[0], new byte[0], (key, _) -> rows.add(key));
        return rows.size();
    }

    @Test
    void remembersAttemptsAndWhatOperatorsDid() throws Exception {
        MessageId id = commit("leo@example.net");
        Job job = next();
        Instant attempted = clock.instant();
        settle(
                job,
                Mail.deferred(job, attempted.plus(Duration.ofMinutes(5)))
                        .of("mx.example.net[192.0.2.7]:25"));
        clock.advance(Duration.ofMinutes(1));
        queue.operate(
                id, _ -> true, new Operation.Hold("looks odd"), new Operation.By("mona", "case 7"));
        reopen();
        assertThat(job(id).history())
                .containsExactly(
                        new HistoryEntry(
                                attempted, "mx.example.net[192.0.2.7]:25", Mail.LATER.toString()),
                        new HistoryEntry(clock.instant(), "mona", "held: looks odd (case 7)"));
    }

    @Test
    void keepsTheFirstAndTheLatestOfManyAttempts() throws Exception {
        MessageId id = commit("leo@example.net");
        for (int attempt = 1; attempt <= 30; attempt++) {
            Job job = next();
            settle(job, Mail.deferred(job, clock.instant()).of("host" + attempt));
        }
        assertThat(job(id).history())
                .extracting(HistoryEntry::by)
                .hasSize(12)
                .startsWith("host1", "host20")
                .endsWith("host30");
    }

    @Test
    void saysWhyAJobIsStillHereAndWhenItWillMove() throws Exception {
        MessageId first = commit("a@example.net");
        MessageId second = commit("b@example.net");
        Job job = next();
        assertThat(job(first).reason()).isEqualTo("an attempt is in progress");
        assertThat(queue.poll()).isEmpty();
        assertThat(job(second).reason()).isEqualTo("all 1 lanes to example.net are in use");
        Instant next = clock.instant().plus(Duration.ofMinutes(5));
        settle(job, Mail.deferred(job, next));
        assertThat(job(first).reason()).startsWith("the last attempt was deferred: 4");
        assertThat(job(first).next()).contains(next);
        operator.hold(second, "looks odd");
        assertThat(job(second).reason()).isEqualTo("held: looks odd");
        assertThat(job(second).next()).isEmpty();
    }

    @Test
    void redirectsAJobAndKeepsThatThroughItsAttempts() throws Exception {
        MessageId id = commit("leo@example.net");
        Job job = next();
        settle(job, Mail.deferred(job, clock.instant().plus(WINDOW)));
        assertThat(operator.operate(id, new Operation.Redirect("smtp://relay.example:25")))
                .contains(1);
        reopen();
        Job again = next();
        assertThat(again.route()).contains("smtp://relay.example:25");
        settle(again, Mail.deferred(again, clock.instant()));
        assertThat(next().route()).contains("smtp://relay.example:25");
    }

    @Test
    void changesTheDueTime() throws Exception {
        MessageId id = commit("leo@example.net");
        Instant later = clock.instant().plus(Duration.ofHours(7));
        operator.operate(id, new Operation.DueAt(later));
        assertThat(queue.poll()).isEmpty();
        clock.advance(Duration.ofHours(7));
        assertThat(next().due()).isEqualTo(later);
    }

    @Test
    void handsOutAtOnceWhatIsToBeReturnedAlsoWhatIsHeld() throws Exception {
        MessageId id = commit("leo@example.net");
        operator.hold(id, "looks odd");
        operator.operate(id, new Operation.Bounce("no longer here"));
        assertThat(next().bounce()).contains("no longer here");
    }

    @Test
    void anAttemptThatRunsMeanwhileDoesNotDelayTheReturn() throws Exception {
        MessageId id = commit("leo@example.net");
        Job job = next();
        operator.operate(id, new Operation.Bounce("no longer here"));
        settle(job, Mail.deferred(job, clock.instant().plus(WINDOW)));
        assertThat(next().bounce()).contains("no longer here");
    }

    @Test
    void worksOnTheJobsThatAreMeantOnly() throws Exception {
        MessageId id = commit("a@one.example", "b@two.example");
        Optional<Integer> held =
                queue.operate(
                        id,
                        job -> job.destination().toString().equals("one.example"),
                        new Operation.Hold("why"),
                        Operator.BY);
        assertThat(held).contains(1);
        assertThat(recipients(next())).isEqualTo("[b@two.example]");
        assertThat(queue.poll()).isEmpty();
    }

    @Test
    void listsWhatWasRemovedPageByPage() {
        List<MessageId> ids = List.of(commit("a@one.example"), commit("b@two.example"));
        ids.forEach(id -> operator.operate(id, new Operation.Delete()));
        List<QueuedMessage> first = queue.removed(Optional.empty(), 1);
        List<QueuedMessage> second = queue.removed(Optional.of(first.getFirst().id()), 1);
        assertThat(List.of(first.getFirst().id(), second.getFirst().id()))
                .containsExactlyInAnyOrderElementsOf(ids);
        assertThat(queue.removed(Optional.of(second.getFirst().id()), 1)).isEmpty();
    }

    @Test
    void bringsBackWhatWasDeletedWithItsContentAndHistory() throws Exception {
        MessageId id = commit("a@one.example", "b@two.example");
        assertThat(operator.operate(id, new Operation.Delete())).contains(2);
        assertThat(queue.find(id)).isEmpty();
        assertThat(queue.counts().messages()).isZero();
        assertThat(queue.removed(Optional.empty(), 10))
                .singleElement()
                .satisfies(
                        it -> {
                            assertThat(it.id()).isEqualTo(id);
                            assertThat(it.jobs()).hasSize(2);
                            assertThat(it.jobs().getFirst().state())
                                    .isEqualTo(new State.Removed(clock.instant().plus(WINDOW)));
                        });
        reopen();
        assertThat(queue.findRemoved(id).orElseThrow().jobs()).hasSize(2);
        assertThat(queue.restore(id, _ -> true, new Operation.By("mona", "oops"))).contains(2);
        assertThat(queue.findRemoved(id)).isEmpty();
        assertThat(queue.removed(Optional.empty(), 10)).isEmpty();
        Job job = next();
        assertThat(Mail.text(job.content())).endsWith("hello\r\n");
        assertThat(texts(job(id))).containsExactly("deleted (test)", "brought back (oops)");
        settle(job, Mail.delivered(job));
        Job other = next();
        assertThat(settle(other, Mail.delivered(other)).finished()).isTrue();
        assertThat(rows(Table.CONTENT)).isZero();
        assertThat(queue.counts()).isEqualTo(new Queue.Counts(0, 0, 0, 0, 0));
    }

    @Test
    void bringsBackTheRecipientsThatBouncedAndNoOthers() throws Exception {
        MessageId id = commit("a@one.example", "b@one.example");
        Job job = next();
        settle(
                job,
                new Settlement(
                        List.of(new Outcome.Failed(UNKNOWN), new Outcome.Delivered(Mail.OK)),
                        Optional.empty(),
                        Optional.empty()));
        assertThat(queue.find(id)).isEmpty();
        assertThat(queue.counts().removed()).isPositive();
        assertThat(queue.restore(id, _ -> true, Operator.BY)).contains(1);
        assertThat(queue.counts().removed()).isZero();
        Job again = next();
        assertThat(recipients(again)).isEqualTo("[a@one.example]");
        assertThat(again.attempts()).isEqualTo(1);
        assertThat(settle(again, Mail.delivered(again)).finished()).isTrue();
        assertThat(rows(Table.CONTENT)).isZero();
    }

    @Test
    void bringsBackARecipientBesideThoseThatStillWait() throws Exception {
        MessageId id = commit("a@one.example", "b@one.example");
        Job job = next();
        settle(
                job,
                new Settlement(
                        List.of(new Outcome.Failed(UNKNOWN), new Outcome.Deferred(Mail.LATER)),
                        Optional.of(clock.instant()),
                        Optional.empty()));
        Job waiting = next();
        assertThat(recipients(waiting)).isEqualTo("[b@one.example]");
        assertThat(queue.restore(id, _ -> true, Operator.BY)).contains(1);
        assertThat(settle(waiting, Mail.delivered(waiting)).finished()).isFalse();
        Job back = next();
        assertThat(recipients(back)).isEqualTo("[a@one.example]");
        assertThat(Mail.text(back.content())).endsWith("hello\r\n");
        assertThat(settle(back, Mail.delivered(back)).finished()).isTrue();
        assertThat(queue.counts()).isEqualTo(new Queue.Counts(0, 0, 0, 0, 0));
    }

    @Test
    void keepsTheContentOfWhatIsFinishedForWhatBouncedBefore() throws Exception {
        MessageId id = commit("a@one.example", "b@two.example");
        fail(next());
        Job other = next();
        assertThat(settle(other, Mail.delivered(other)).finished()).isTrue();
        assertThat(rows(Table.CONTENT)).isOne();
        assertThat(queue.restore(id, _ -> true, Operator.BY)).contains(1);
        assertThat(Mail.text(next().content())).endsWith("hello\r\n");
    }

    @Test
    void bringsBackTheJobThatIsMeantAndNoOther() throws Exception {
        MessageId id = commit("a@one.example", "b@two.example");
        operator.delete(id);
        assertThat(queue.restore(id, it -> it.number() == 7, Operator.BY)).contains(0);
        assertThat(queue.restore(id, it -> to(it, "two.example"), Operator.BY)).contains(1);
        Job back = next();
        assertThat(recipients(back)).isEqualTo("[b@two.example]");
        assertThat(queue.findRemoved(id).orElseThrow().jobs())
                .singleElement()
                .matches(it -> to(it, "one.example"));
        assertThat(settle(back, Mail.delivered(back)).finished()).isTrue();
        assertThat(queue.counts().removed()).isPositive();
        reopen();
        assertThat(queue.restore(id, _ -> true, Operator.BY)).contains(1);
        Job other = next();
        assertThat(recipients(other)).isEqualTo("[a@one.example]");
        assertThat(Mail.text(other.content())).endsWith("hello\r\n");
        settle(other, Mail.delivered(other));
        close();
        assertThat(StoppedQueue.verify(directory))
                .isEqualTo(new StoppedQueue.Verification(0, 0, 0, 0, List.of()));
        open();
    }

    private static boolean to(QueuedJob job, String domain) {
        return job.destination().toString().equals(domain);
    }

    /// What is kept of one job does not grow with what was removed of others before.
    @Test
    void keepsEachRemovedJobByItself() throws Exception {
        String[] recipients = new String[120];
        Arrays.setAll(recipients, i -> "leo@d" + i + ".example");
        MessageId id = commit(recipients);
        for (int i = 0; i < 100; i++) {
            fail(next());
        }
        List<Integer> sizes = new ArrayList<>();
        log.view()
                .scan(
                        Table.REMOVED,
                        new byte[0],
                        new byte[0],
                        (_, value) -> sizes.add(value.length));
        assertThat(sizes).hasSize(100).allMatch(it -> it < 200);
        assertThat(queue.removed(Optional.empty(), 10)).hasSize(1);
        assertThat(queue.restore(id, _ -> true, Operator.BY)).contains(100);
        assertThat(rows(Table.REMOVED)).isZero();
        assertThat(rows(Table.FADING)).isZero();
        assertThat(queue.counts().jobs()).isEqualTo(120);
    }

    @Test
    void forgetsWhatWasRemovedOfOneJobPieceByPiece() throws Exception {
        MessageId id = commit("a@one.example", "b@one.example", "c@one.example");
        for (int i = 0; i < 3; i++) {
            Job job = next();
            List<Outcome> outcomes = new ArrayList<>();
            outcomes.add(new Outcome.Failed(UNKNOWN));
            while (outcomes.size() < job.envelope().recipients().size()) {
                outcomes.add(new Outcome.Deferred(Mail.LATER));
            }
            Optional<Instant> next =
                    outcomes.size() > 1 ? Optional.of(clock.instant()) : Optional.empty();
            settle(job, new Settlement(outcomes, next, Optional.empty()));
            clock.advance(Duration.ofMinutes(20));
        }
        assertThat(queue.findRemoved(id).orElseThrow().jobs())
                .hasSize(3)
                .extracting(QueuedJob::state)
                .doesNotHaveDuplicates();
        assertThat(queue.purge()).isEqualTo(1);
        assertThat(rows(Table.CONTENT)).isOne();
        assertThat(queue.findRemoved(id).orElseThrow().jobs()).hasSize(2);
        assertThat(queue.restore(id, it -> it.attempts() == 3, Operator.BY)).contains(1);
        operator.delete(id);
        assertThat(queue.findRemoved(id).orElseThrow().jobs()).hasSize(2);
        clock.advance(WINDOW);
        assertThat(queue.purge()).isEqualTo(1);
        for (Table table : List.of(Table.CONTENT, Table.REMOVED, Table.FADING, Table.MESSAGE)) {
            assertThat(rows(table)).as(table.toString()).isZero();
        }
        assertThat(queue.counts()).isEqualTo(new Queue.Counts(0, 0, 0, 0, 0));
    }

    @Test
    void forgetsForGoodWhenTheWindowEnds() throws Exception {
        MessageId first = commit("a@one.example");
        fail(next());
        clock.advance(Duration.ofMinutes(30));
        MessageId second = commit("b@two.example");
        operator.delete(second);
        clock.advance(Duration.ofMinutes(30));
        assertThat(queue.purge()).isEqualTo(1);
        assertThat(queue.restore(first, _ -> true, Operator.BY)).isEmpty();
        clock.advance(Duration.ofMinutes(30));
        assertThat(queue.purge()).isEqualTo(1);
        assertThat(queue.restore(second, _ -> true, Operator.BY)).isEmpty();
        for (Table table : List.of(Table.CONTENT, Table.REMOVED, Table.FADING, Table.MESSAGE)) {
            assertThat(rows(table)).as(table.toString()).isZero();
        }
        assertThat(queue.counts()).isEqualTo(new Queue.Counts(0, 0, 0, 0, 0));
    }

    @Test
    void forgetsWhatBouncedOfAMessageThatIsStillHereWithoutItsContent() throws Exception {
        MessageId id = commit("a@one.example", "b@two.example");
        fail(next());
        clock.advance(WINDOW);
        assertThat(queue.purge()).isEqualTo(1);
        assertThat(queue.restore(id, _ -> true, Operator.BY)).isEmpty();
        Job other = next();
        assertThat(Mail.text(other.content())).endsWith("hello\r\n");
        settle(other, Mail.delivered(other));
        assertThat(rows(Table.CONTENT)).isZero();
    }

    @Test
    void forgetsTheEarliestWhenSpaceLacks() throws Exception {
        space = 40;
        reopen();
        MessageId first = commit("a@one.example");
        MessageId second = commit("b@two.example");
        operator.delete(first);
        clock.advance(Duration.ofSeconds(1));
        operator.delete(second);
        assertThat(queue.purge()).isEqualTo(1);
        assertThat(queue.restore(first, _ -> true, Operator.BY)).isEmpty();
        assertThat(queue.restore(second, _ -> true, Operator.BY)).contains(1);
    }
}
