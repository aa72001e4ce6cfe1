package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.mail.MessageId;
import org.posthorn.api.mail.Parameters;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.mail.ReversePath;
import org.posthorn.api.smtp.Reply;
import org.posthorn.queue.Job;
import org.posthorn.queue.Settlement;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/// Whatever happens to mail and to the reports about it, nobody is told twice that a recipient
/// failed, and nothing goes round for ever.
class BackscatterTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final Mailbox MONA = Mailbox.parse("mona@sender.example");
    private static final Mailbox POSTMASTER = Mailbox.parse("postmaster@us.example");
    private static final Result.By MX =
            new Result.By("smtp", "mx.example.org[192.0.2.1]:25", Optional.of("mx.example.org"));
    private static final List<String> NOTIFY =
            List.of("", "NEVER", "FAILURE", "SUCCESS", "DELAY", "SUCCESS,FAILURE,DELAY");

    /// A queue, a world where anything may happen, and what was reported in it.
    private static final class World {
        private final Random random;
        private final Judgement judgement;
        private final Deque<Job> due = new ArrayDeque<>();
        private final List<Job> reports = new ArrayList<>();

        /// How often a recipient of a message was reported as failed.
        private final Map<String, Integer> told = new HashMap<>();

        private Instant now = NOON;
        private int messages;
        private int attempts;

        World(long seed, Optional<Mailbox> doubleBounceRecipient) {
            random = new Random(seed);
            judgement =
                    new Judgement(
                            Schedules.routes(),
                            Mail.reports(seed),
                            new Notices(doubleBounceRecipient),
                            () -> now,
                            new Random(seed));
        }

        Job commit(Envelope envelope, Map<String, String> metadata) {
            Job job = new MemoryQueue().offer(envelope, Mail.content("Subject: x\r\n\r\n"), now);
            Job made =
                    new Job(
                            new MessageId("message%04d".formatted(++messages)),
                            0,
                            job.destination(),
                            envelope,
                            job.content(),
                            metadata,
                            now,
                            now,
                            0,
                            job.marks(),
                            job.route(),
                            job.bounce());
            due.add(made);
            return made;
        }

        void run() {
            while (!due.isEmpty()) {
                attempt(due.remove());
            }
        }

        private void attempt(Job job) {
            assertThat(++attempts).as("attempts, which must end").isLessThan(2_000);
            now = now.isBefore(job.due()) ? job.due() : now;
            Decision decision = judgement.on(job, happen(job));
            decision.told().stream()
                    .flatMap(List::stream)
                    .filter(it -> it.action() == Told.Action.FAILED)
                    .forEach(
                            it ->
                                    told.merge(
                                            job.message() + " " + it.recipient().mailbox(),
                                            1,
                                            Integer::sum));
            for (Settlement.Report report : decision.settlement().reports()) {
                reports.add(commit(report.submission().envelope(), report.submission().metadata()));
            }
            if (decision.settlement().next().isPresent()) {
                due.add(new MemoryQueue.Settled(job, decision.settlement()).again());
            }
        }

        private Attempt happen(Job job) {
            if (random.nextInt(8) == 0) {
                return new Attempt.Closed(now.plus(Duration.ofHours(random.nextInt(1, 200))));
            }
            List<Result> results = new ArrayList<>();
            for (int i = 0; i < job.envelope().recipients().size(); i++) {
                results.add(
                        switch (random.nextInt(4)) {
                            case 0 -> result("250", "2.0.0", Reach.values()[random.nextInt(5)]);
                            case 1 -> result("550", "5.1.1", Reach.NOWHERE);
                            default -> result("450", "4.2.1", Reach.NOWHERE);
                        });
            }
            return new Attempt.Tried(results);
        }

        private static Result result(String code, String status, Reach reach) {
            Reply reply = Reply.of(Integer.parseInt(code), status, "So it is");
            return new Result(Result.outcome(reply), MX, reach);
        }
    }

    private static Envelope envelope(Random random, ReversePath sender) {
        List<Recipient> recipients = new ArrayList<>();
        for (int i = 0; i <= random.nextInt(4); i++) {
            String notify = NOTIFY.get(random.nextInt(NOTIFY.size()));
            recipients.add(
                    new Recipient(
                            Mailbox.parse("r" + i + "@example.org"),
                            notify.isEmpty()
                                    ? Parameters.NONE
                                    : Parameters.NONE.with("NOTIFY", notify)));
        }
        return new Envelope(sender, Parameters.NONE, recipients);
    }

    private static boolean isFor(Job report, Mailbox mailbox) {
        return report.envelope().recipients().equals(List.of(Recipient.of(mailbox)));
    }

    @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
    void nobodyIsToldTwiceOfAFailure(@ForAll long seed, @ForAll boolean doubleBounces) {
        var world = new World(seed, Optional.of(POSTMASTER).filter(_ -> doubleBounces));
        world.commit(envelope(new Random(seed), ReversePath.of(MONA)), Map.of());
        world.run();

        assertThat(world.told.values()).allMatch(times -> times == 1);
        assertThat(world.reports)
                .allMatch(it -> it.envelope().sender().equals(ReversePath.NULL))
                .allMatch(
                        it ->
                                isFor(it, MONA)
                                        ? it.metadata().containsKey("bounce-of")
                                        : doubleBounces
                                                && isFor(it, POSTMASTER)
                                                && it.metadata().containsKey("double-bounce-of"));
    }

    @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
    void nobodyIsToldOfMailWithoutASender(@ForAll long seed) {
        var world = new World(seed, Optional.empty());
        world.commit(envelope(new Random(seed), ReversePath.NULL), Map.of());
        world.run();

        assertThat(world.reports).isEmpty();
    }

    @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
    void onlyTheOperatorIsToldOfABounceThatFailedAndOfThatNothingMore(@ForAll long seed) {
        var world = new World(seed, Optional.of(POSTMASTER));
        Job bounce = world.commit(envelope(new Random(seed), ReversePath.NULL), Map.of());
        world.run();

        assertThat(world.reports)
                .allMatch(it -> isFor(it, POSTMASTER))
                .allMatch(
                        it ->
                                it.metadata()
                                        .get("double-bounce-of")
                                        .equals(bounce.message().text()));
        assertThat(world.told.keySet()).allMatch(it -> it.startsWith(bounce.message().text()));
    }
}
