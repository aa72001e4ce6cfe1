package org.posthorn.server.management;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import static java.nio.charset.StandardCharsets.US_ASCII;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.api.config.ByteSize;
import org.posthorn.api.delivery.Outcome;
import org.posthorn.api.event.MailEvent;
import org.posthorn.api.intake.Draft;
import org.posthorn.api.intake.Submission;
import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.MessageId;
import org.posthorn.api.mail.Parameters;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.mail.ReversePath;
import org.posthorn.api.smtp.Reply;
import org.posthorn.delivery.NotYet;
import org.posthorn.delivery.RetrySchedule;
import org.posthorn.delivery.RouteConfig;
import org.posthorn.delivery.Routes;
import org.posthorn.delivery.TlsLevel;
import org.posthorn.queue.Destination;
import org.posthorn.queue.Job;
import org.posthorn.queue.LaneLimits;
import org.posthorn.queue.QueueConfig;
import org.posthorn.queue.RocksQueue;
import org.posthorn.queue.Settlement;
import org.posthorn.server.mxbean.QueueEntry;
import org.posthorn.server.mxbean.QueueEntry.QueuedEvent;
import org.posthorn.server.mxbean.QueueEntry.QueuedFact;
import org.posthorn.server.mxbean.SelectedMail;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What operators do to a queue on a real store.
@Timeout(60)
class QueueBeanTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final SelectedMail NOTHING = new SelectedMail(0, 0, 0);

    private static final LaneLimits LIMITS =
            new LaneLimits() {
                @Override
                public int active() {
                    return 100;
                }

                @Override
                public int lanes(Destination destination) {
                    return 10;
                }
            };

    @TempDir private Path directory;
    private final List<MailEvent> told = Collections.synchronizedList(new ArrayList<>());
    private volatile Instant now = NOON;
    private Optional<NotYet> waits = Optional.empty();
    private RocksQueue queue;
    private QueueBean bean;

    @BeforeEach
    void open() throws Exception {
        QueueConfig config =
                new QueueConfig(
                        Duration.ofDays(5),
                        Duration.ofHours(4),
                        Duration.ofMinutes(1),
                        Duration.ofHours(4),
                        2,
                        List.of(),
                        new ByteSize(0),
                        Duration.ofMinutes(5),
                        100,
                        10,
                        25,
                        Duration.ofHours(1),
                        new ByteSize(1 << 30));
        Routes routes =
                Routes.of(
                        List.of(
                                new RouteConfig(List.of("dead.example"), "smtp://127.0.0.1:9"),
                                new RouteConfig(List.of("*.example"), "mx"),
                                new RouteConfig(
                                        List.of("closed.test"),
                                        "mx",
                                        TlsLevel.MAY,
                                        Optional.empty(),
                                        Optional.empty(),
                                        List.of("00:00-06:00 UTC"),
                                        false)),
                        directory,
                        RetrySchedule.of(config));
        queue = RocksQueue.open(directory, config, LIMITS, () -> now, new SecureRandom());
        bean = new QueueBean(queue, routes, (_, _) -> waits, told::add, () -> now);
    }

    @AfterEach
    void close() {
        queue.close();
    }

    private String commit(String sender, Optional<Instant> notBefore, String... recipients) {
        Envelope envelope = Envelope.from(ReversePath.of(Mailbox.parse(sender)), Parameters.NONE);
        for (String recipient : recipients) {
            envelope = envelope.to(Recipient.of(Mailbox.parse(recipient)));
        }
        Submission submission =
                new Submission(
                        envelope,
                        ByteBuffer.wrap("Subject: test\r\n\r\n".getBytes(US_ASCII)),
                        Optional.empty(),
                        Map.of("tenant", "acme"),
                        notBefore);
        try (Draft draft = queue.begin(0)) {
            draft.write(ByteBuffer.wrap("hello\r\n".getBytes(US_ASCII)))
                    .toCompletableFuture()
                    .join();
            return draft.commit(submission).toCompletableFuture().join().text();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private String commit(String... recipients) {
        return commit("mona@client.example", Optional.empty(), recipients);
    }

    private void settle(Job job, Outcome outcome) {
        settle(job, settlement(job, outcome).of("mx.dead.example[192.0.2.7]:25"));
    }

    private Settlement settlement(Job job, Outcome outcome) {
        boolean waits = outcome instanceof Outcome.Deferred;
        return new Settlement(
                Collections.nCopies(job.envelope().recipients().size(), outcome),
                waits ? Optional.of(now.plus(Duration.ofMinutes(5))) : Optional.empty(),
                Optional.empty());
    }

    private void settle(Job job, Settlement settlement) {
        queue.settle(job, settlement).toCompletableFuture().join();
    }

    private void defer() throws InterruptedException {
        settle(queue.take(), new Outcome.Deferred(Reply.of(451, "4.3.0", "Greylisted")));
    }

    private QueueEntry.QueuedJob job(String id) {
        return bean.show(id).getFirst().jobs().getFirst();
    }

    private static List<String> ids(List<QueueEntry> entries) {
        return entries.stream().map(QueueEntry::id).toList();
    }

    @Test
    void showsWhyMailIsStillHereAndWhenItWillMove() throws Exception {
        String id = commit("leo@dead.example");
        defer();
        bean.hold(id, "mona", "looks odd");
        now = NOON.plusSeconds(60);
        bean.release(id, "lisa", "");
        bean.due(id, "+2h", "lisa", "tomorrow");
        QueueEntry entry = bean.show(id).getFirst();
        assertThat(entry.metadata()).containsExactly(new QueuedFact("tenant", "acme"));
        QueueEntry.QueuedJob job = entry.jobs().getFirst();
        assertThat(job.state()).isEqualTo("scheduled");
        assertThat(job.route()).isEqualTo("smtp://127.0.0.1:9");
        assertThat(job.next()).isEqualTo("2026-01-01T14:01:00Z");
        assertThat(job.reason()).startsWith("the last attempt was deferred");
        assertThat(job.recipients().getFirst().last()).isEqualTo("451 4.3.0 Greylisted");
        assertThat(job.history())
                .containsExactly(
                        new QueuedEvent(
                                "2026-01-01T12:00:00Z",
                                "mx.dead.example[192.0.2.7]:25",
                                "451 4.3.0 Greylisted"),
                        new QueuedEvent("2026-01-01T12:00:00Z", "mona", "held: looks odd"),
                        new QueuedEvent("2026-01-01T12:01:00Z", "lisa", "released"),
                        new QueuedEvent(
                                "2026-01-01T12:01:00Z",
                                "lisa",
                                "made due at 2026-01-01T14:01:00Z (tomorrow)"));
    }

    @Test
    void countsWhatItWouldChangeAndTellsTheLogOfEachMessageThatItChanged() {
        String first = commit("leo@dead.example", "lea@live.example");
        String second = commit("max@dead.example");
        commit("ida@live.example");
        SelectedMail dead = bean.count("domain=dead.example");
        assertThat(dead).isEqualTo(new SelectedMail(2, 2, 48));
        assertThat(bean.hold("domain=dead.example", "mona", "case 7")).isEqualTo(dead);
        assertThat(bean.hold("domain=dead.example", "mona", "again")).isEqualTo(NOTHING);
        assertThat(bean.getHeld()).isEqualTo(2);
        assertThat(told)
                .containsExactlyInAnyOrder(
                        new MailEvent.Operated(
                                NOON, queued(first), "hold", "", "mona", "case 7", 1),
                        new MailEvent.Operated(
                                NOON, queued(second), "hold", "", "mona", "case 7", 1));
        assertThat(bean.list("state=held", "", 10))
                .allSatisfy(it -> assertThat(it.jobs()).hasSize(1))
                .hasSize(2);
        assertThat(bean.release("*", "mona", "").messages()).isEqualTo(2);
    }

    private static MessageId queued(String id) {
        return new MessageId(id);
    }

    @Test
    void namesWhoIsLoggedInWhenNobodyIsNamed() {
        String id = commit("leo@dead.example");
        bean.hold(id, "", "");
        assertThat(job(id).reason()).isEqualTo("by operator");
        assertThat(told)
                .containsExactly(
                        new MailEvent.Operated(NOON, queued(id), "hold", "", "operator", "", 1));
    }

    @Test
    void worksThroughMoreMailThanAPage() {
        for (int i = 0; i < 1_100; i++) {
            commit("leo@" + (i % 2 == 0 ? "dead" : "live") + ".example");
        }
        assertThat(bean.delete("domain=dead.example", "mona", "").messages()).isEqualTo(550);
        assertThat(told).hasSize(550);
        assertThat(bean.getMessages()).isEqualTo(550);
        assertThat(bean.getRemovedOctets()).isPositive();
        List<String> listed = new ArrayList<>();
        List<QueueEntry> page = bean.list("domain=live.example", "", 100);
        while (!page.isEmpty()) {
            listed.addAll(ids(page));
            page = bean.list("domain=live.example", page.getLast().id(), 100);
        }
        assertThat(listed).hasSize(550).doesNotHaveDuplicates();
        List<String> removed = new ArrayList<>(ids(bean.removed("*", "", 400)));
        removed.addAll(ids(bean.removed("*", removed.getLast(), 400)));
        assertThat(removed).hasSize(550).doesNotHaveDuplicates();
        assertThat(bean.countRemoved("domain=dead.example").messages()).isEqualTo(550);
        assertThat(bean.undo("domain=dead.example", "mona", "oops").messages()).isEqualTo(550);
        assertThat(bean.getMessages()).isEqualTo(1_100);
    }

    @Test
    void redirectsToWhatMayBeARouteAndToNothingElse() throws Exception {
        String id = commit("leo@dead.example");
        assertThat(bean.redirect(id, "lmtp://127.0.0.1:24", "mona", "it moved").jobs()).isOne();
        assertThat(job(id).route()).isEqualTo("lmtp://127.0.0.1:24");
        assertThat(queue.take().route()).contains("lmtp://127.0.0.1:24");
        assertThat(bean.count("route=lmtp://*").messages()).isOne();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> bean.redirect(id, "hold", "", ""))
                .withMessage("route: mail is not redirected to hold: use the operation hold");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> bean.redirect(id, "discard", "", ""))
                .withMessageEndingWith("use the operation delete");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> bean.redirect(id, "pipe:/bin/true", "", ""))
                .withMessageStartingWith("route: mail is given to no program but those of the");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> bean.redirect(id, "nowhere", "", ""))
                .withMessageContaining("'nowhere' is no route: expected mx, smtp://host:port");
    }

    @Test
    void retriesWhatWasSubmittedForLaterOnlyByItsId() throws Exception {
        Instant later = NOON.plusSeconds(3_600);
        String id = commit("mona@client.example", Optional.of(later), "leo@dead.example");
        String other = commit("max@dead.example");
        defer();
        assertThat(bean.retry("domain=dead.example", "", "").messages()).isOne();
        assertThat(job(other).due()).isEqualTo(NOON.toString());
        assertThat(job(id).due()).isEqualTo(later.toString());
        assertThat(bean.retry(id, "", "").messages()).isOne();
        assertThat(job(id).due()).isEqualTo(NOON.toString());
    }

    @Test
    void retriesWhatWasNotTriedSinceItsSiteTookNothing() throws Exception {
        String id = commit("leo@dead.example");
        Job job = queue.take();
        Reply reply = Reply.of(450, "4.3.2", "Not tried: mx.dead.example is suspended: case 7");
        settle(job, settlement(job, new Outcome.Deferred(reply)).withoutAttempt());
        assertThat(job(id).reason()).isEqualTo(reply.toString());
        assertThat(job(id).attempts()).isZero();
        assertThat(bean.retry("reason=\"*suspended*\"", "", "").messages()).isOne();
        assertThat(job(id).due()).isEqualTo(NOON.toString());
    }

    @Test
    void showsWhatAMessageInProgressWaitsFor() throws Exception {
        String id = commit("leo@dead.example");
        waits = Optional.of(new NotYet("waits for a session", NOON.plusSeconds(7)));
        queue.take();
        assertThat(job(id).state()).isEqualTo("active");
        assertThat(job(id).reason()).isEqualTo("waits for a session");
        assertThat(job(id).next()).isEqualTo(NOON.plusSeconds(7).toString());
    }

    @Test
    void tellsWhichMailWaitsForItsRouteToOpen() {
        commit("leo@closed.test", "lea@live.example");
        assertThat(bean.countClosed("*").jobs()).isOne();
        assertThat(bean.countClosed("domain=live.example")).isEqualTo(NOTHING);
        assertThat(bean.retry("*", "", "").jobs()).isZero();
        now = NOON.plusSeconds(12 * 3_600);
        assertThat(bean.countClosed("*")).isEqualTo(NOTHING);
    }

    @Test
    void bringsBackTheJobsThatAreMeant() {
        String id = commit("leo@dead.example", "lea@live.example");
        bean.delete(id, "mona", "");
        assertThat(bean.undo(id + " domain=live.example", "mona", "").jobs()).isOne();
        assertThat(bean.countRemoved(id).jobs()).isOne();
        assertThat(job(id).destination()).isEqualTo("live.example");
    }

    @Test
    void returnsMailAndBringsItBack() throws Exception {
        String id = commit("leo@dead.example");
        bean.bounce("reason!=odd", "moved away", "mona", "case 7");
        Job job = queue.take();
        assertThat(job.bounce()).contains("moved away");
        settle(job, new Outcome.Failed(Reply.of(550, "5.0.0", "moved away")));
        assertThat(bean.show(id)).isEmpty();
        assertThat(bean.removed(id, "", 1).getFirst().jobs().getFirst().state())
                .isEqualTo("removed");
        assertThat(bean.undo(id, "mona", "").messages()).isOne();
        assertThat(bean.undo(id, "mona", "")).isEqualTo(NOTHING);
        assertThat(queue.take().bounce()).isEmpty();
    }

    @Test
    void leavesMailAloneThatCameAfterTheOrder() {
        commit("leo@dead.example");
        now = NOON.minusSeconds(1);
        assertThat(bean.delete("*", "", "")).isEqualTo(NOTHING);
    }

    @Test
    void refusesWhatDoesNotBelongIntoLogsAndTimes() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> bean.hold("*", "mona\n", ""))
                .withMessage("who: no control characters: mona\\u000a");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> bean.hold("*", "", "x".repeat(201)))
                .withMessage("why: at most 200 characters, not 201");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> bean.bounce("*", "\u202e", "", ""))
                .withMessage("text: no control characters: \\u202e");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> bean.list("*", "", 10_001))
                .withMessage("limit must be 1 to 10000, not 10001");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> bean.due("*", "tomorrow", "", ""))
                .withMessageStartingWith("when: 'tomorrow' is no time: expected now, a time from");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> bean.due("*", "2026-01-01T11:59:59Z", "", ""))
                .withMessage("when: 2026-01-01T11:59:59Z is past: expected now, or later");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> bean.due("*", "+367d", "", ""))
                .withMessage("when: +367d is more than a year ahead: expected an earlier time");
        assertThat(told).isEmpty();
    }
}
