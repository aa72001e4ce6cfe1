package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.posthorn.api.smtp.Reply;
import org.posthorn.smtp.client.Protocol;
import org.posthorn.testkit.ManualClock;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/// A million messages for ten thousand destinations, of which one in twenty is dead and one in
/// twenty slow, on a clock of the test. The queue is a model of the real one: so many jobs are
/// handed out at once, so many for one destination.
class MillionTest {
    private static final int MESSAGES = 1_000_000;
    private static final int DESTINATIONS = 10_000;
    private static final Duration BETWEEN = Duration.ofMillis(1);
    private static final Duration IDEAL = BETWEEN.multipliedBy(MESSAGES);
    private static final int WINDOW = 20_000;
    private static final int LANES = 20;
    private static final Reply NO_ANSWER = Reply.of(421, "4.4.1", "did not answer in time");
    private static final Target TARGET =
            new Target("mx.example", new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 25));

    private final ManualClock clock = ManualClock.atNoon();
    private final Instant start = clock.instant();
    private final Random random = new Random(7);
    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparing(Event::at).thenComparingLong(Event::number));
    private final List<Destination> destinations = new ArrayList<>();
    private final Queue<Job> ready = new ArrayDeque<>();
    private final long[] delays = new long[MESSAGES];
    private long numbers;
    private int active;
    private int mostActive;
    private int delivered;
    private int alive;
    private Instant last = start;

    private record Event(Instant at, long number, Runnable work) {}

    private record Job(Destination to, Instant accepted) {}

    private enum Kind {
        FAST(Duration.ofMillis(100)),
        SLOW(Duration.ofSeconds(20)),
        DEAD(Duration.ofSeconds(30));

        private final Duration visit;

        Kind(Duration visit) {
            this.visit = visit;
        }
    }

    private static final class Destination {
        private final Kind kind;
        private final Site site;
        private final Queue<Job> parked = new ArrayDeque<>(0);
        private int used;

        Destination(Kind kind, Site site) {
            this.kind = kind;
            this.site = site;
        }
    }

    private void after(Duration time, Runnable work) {
        events.add(new Event(clock.instant().plus(time), numbers++, work));
    }

    private void accept(int count) {
        Destination to = destinations.get(random.nextInt(DESTINATIONS));
        if (to.kind != Kind.DEAD) {
            alive++;
        }
        due(new Job(to, clock.instant()));
        if (count < MESSAGES) {
            after(BETWEEN, () -> accept(count + 1));
        }
    }

    private void due(Job job) {
        if (job.to().used >= LANES) {
            job.to().parked.add(job);
        } else {
            job.to().used++;
            ready.add(job);
            handOut();
        }
    }

    private void handOut() {
        while (active < WINDOW && !ready.isEmpty()) {
            Job job = ready.remove();
            active++;
            mostActive = Math.max(mostActive, active);
            attempt(job);
        }
    }

    private void settled(Job job) {
        active--;
        job.to().used--;
        if (!job.to().parked.isEmpty()) {
            due(job.to().parked.remove());
        }
        handOut();
    }

    private void attempt(Job job) {
        Waiter waiter = job.to().site.enter(new Errand("job", SiteTest.LETTER)).orElseThrow();
        var _ = waiter.entry().thenAccept(entry -> after(Duration.ZERO, () -> entered(job, entry)));
    }

    private void entered(Job job, Entry entry) {
        switch (entry) {
            case Entry.Open(Visit visit) ->
                    after(
                            job.to().kind.visit,
                            () -> {
                                visited(job, visit);
                                settled(job);
                            });
            case Entry.Later(_, Instant earliest, boolean down) -> {
                again(job, down ? later(job, earliest) : earliest);
                settled(job);
            }
        }
    }

    private void visited(Job job, Visit visit) {
        try (visit) {
            if (job.to().kind == Kind.DEAD) {
                visit.silent(TARGET, NO_ANSWER);
                again(job, later(job, clock.instant()));
            } else {
                visit.opened(TARGET);
                visit.sent(false);
                delays[delivered++] =
                        Duration.between(job.accepted(), clock.instant()).toMillis()
                                - job.to().kind.visit.toMillis();
                last = clock.instant();
            }
        }
    }

    private void again(Job job, Instant at) {
        after(Duration.between(clock.instant(), at), () -> due(job));
    }

    /// By the schedule of a message: after a minute, and then as long again as it has waited.
    private Instant later(Job job, Instant earliest) {
        Duration age = Duration.between(job.accepted(), clock.instant());
        Duration minute = Duration.ofMinutes(1);
        Instant next = clock.instant().plus(age.compareTo(minute) < 0 ? minute : age);
        return next.isBefore(earliest) ? earliest : next;
    }

    private void play() {
        var surroundings =
                new Sites.Surroundings(
                        SessionsConfig.STANDARD,
                        clock,
                        random,
                        this::after,
                        new AtomicInteger(),
                        () -> false);
        for (int i = 0; i < DESTINATIONS; i++) {
            Kind kind =
                    switch (i % 20) {
                        case 0 -> Kind.DEAD;
                        case 1 -> Kind.SLOW;
                        default -> Kind.FAST;
                    };
            SiteName name = new SiteName("mx" + i + ".example");
            destinations.add(new Destination(kind, new Site(name, surroundings, concurrency())));
        }
        accept(1);
        Instant end = start.plus(IDEAL.multipliedBy(2));
        while (!events.isEmpty() && events.element().at().isBefore(end)) {
            Event event = events.remove();
            clock.advance(Duration.between(clock.instant(), event.at()));
            event.work().run();
        }
    }

    private Concurrency concurrency() {
        return new AdaptiveConcurrency(
                SessionsConfig.STANDARD.initial(),
                SessionsConfig.STANDARD.perSite(),
                clock.instant());
    }

    @Test
    void aMillionMessagesGoOutAsTheyComeAndNobodyStarves() {
        play();

        assertThat(delivered).isEqualTo(alive);
        assertThat(Duration.between(start, last)).isLessThan(IDEAL.plus(IDEAL.dividedBy(20)));
        long[] sorted = Arrays.copyOf(delays, delivered);
        Arrays.sort(sorted);
        // All but the slow ones' do not wait at all.
        assertThat(sorted[(int) (delivered * 0.94)]).isZero();
        assertThat(sorted[delivered - 1]).isLessThan(6 * Kind.SLOW.visit.toMillis());
        assertThat(mostActive).isLessThan(WINDOW / 4);
    }
}
