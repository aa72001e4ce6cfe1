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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/// Who gets in to a site, who waits, and who is told to come back later.
class SiteTest {
    static final Shipment LETTER =
            new Shipment(
                    Mail.to("leo@example.org"),
                    Mail.content("\r\n"),
                    Protocol.SMTP,
                    false,
                    new TlsPlan(
                            new TlsWish(
                                    Optional.empty(),
                                    TlsLevel.MAY,
                                    List.of(),
                                    TlsWish.Sender.INDIFFERENT),
                            Map.of()),
                    Optional.empty(),
                    Optional.empty());
    private static final Reply REFUSED = Reply.of(421, "4.4.1", "192.0.2.1 refused the connection");

    private final ManualClock clock = ManualClock.atNoon();
    private final Alarms alarms = new Alarms(clock);
    private final AtomicInteger jobs = new AtomicInteger();
    private SessionsConfig config = SessionsConfig.STANDARD;
    private int sessions = 2;

    private Site site() {
        return new Site(
                new SiteName("mx.example"),
                new Sites.Surroundings(
                        config, clock, new Random(1), alarms, new AtomicInteger(), () -> false),
                new FixedConcurrency(sessions));
    }

    private Waiter enter(Site site) {
        return site.enter(new Errand("job" + jobs.incrementAndGet(), LETTER)).orElseThrow();
    }

    private static boolean waits(Waiter waiter) {
        return !waiter.entry().isDone();
    }

    private static boolean isIn(Waiter waiter) {
        return !waits(waiter) && waiter.entry().join() instanceof Entry.Open;
    }

    private static Visit visit(Waiter waiter) {
        return ((Entry.Open) waiter.entry().join()).visit();
    }

    private static Entry.Later later(Waiter waiter) {
        return (Entry.Later) waiter.entry().join();
    }

    private static Target target(int last) {
        return new Target(
                "mx.example", new InetSocketAddress(InetAddress.ofLiteral("192.0.2." + last), 25));
    }

    /// Goes there and gets no answer.
    private void silent(Waiter waiter) {
        try (Visit visit = visit(waiter)) {
            visit.silent(target(1), REFUSED);
        }
    }

    private static void answered(Waiter waiter) {
        try (Visit visit = visit(waiter)) {
            visit.opened(target(1));
        }
    }

    @Test
    void asManyGetInAsThereAreSessionsAndTheOthersWaitInLine() {
        Site site = site();
        Waiter one = enter(site);
        Waiter two = enter(site);
        Waiter three = enter(site);
        Waiter four = enter(site);
        assertThat(List.of(one, two)).allMatch(SiteTest::isIn);
        assertThat(List.of(three, four)).allMatch(SiteTest::waits);

        answered(two);
        assertThat(isIn(three)).isTrue();
        assertThat(waits(four)).isTrue();
        assertThat(site.delay(four).reason())
                .isEqualTo(
                        "waits for one of 2 sessions with mx.example, all in use;"
                                + " 0 messages wait before it");
    }

    @Test
    void whoeverGivesUpWaitingLeavesTheLineAndWhoeverWasLetInMeanwhileMakesRoom() {
        Site site = site();
        Waiter one = enter(site);
        Waiter two = enter(site);
        Waiter three = enter(site);
        Waiter four = enter(site);
        site.withdraw(three);
        answered(one);
        assertThat(isIn(four)).isTrue();
        site.withdraw(four);
        answered(two);
        assertThat(site.state().used()).isZero();
        assertThat(site.state().waiting()).isZero();
    }

    @Test
    void aSlowSiteHasAShortLineAndOthersAreToldWhyAndWhenToComeBack() {
        sessions = 10;
        Site site = site();
        IntStream.range(0, 10).forEach(_ -> enter(site));
        alarms.advance(Duration.ofSeconds(30));
        List<Waiter> crowd = IntStream.range(0, 10_000).mapToObj(_ -> enter(site)).toList();

        assertThat(crowd).filteredOn(SiteTest::waits).hasSize(100);
        Entry.Later later = later(crowd.get(100));
        assertThat(later.down()).isFalse();
        assertThat(later.reply().toString())
                .isEqualTo(
                        "450 4.4.5 Waits: all 10 sessions with mx.example are in use, and 100"
                                + " messages wait for one");
        // Ten in half a minute, at the most, and a hundred before it.
        assertThat(later.earliest())
                .isBetween(clock.instant().plusSeconds(303), clock.instant().plusSeconds(304));
    }

    @Test
    void whoeverIsSentAwayComesBackAboutAsFastAsTheSiteServes() {
        config = config(50, Duration.ofSeconds(10));
        sessions = 10;
        Site site = site();
        serveEachIn(site, Duration.ofMillis(100), 200);
        IntStream.range(0, 60).forEach(_ -> enter(site));
        List<Instant> back =
                IntStream.range(0, 1_250).mapToObj(_ -> later(enter(site)).earliest()).toList();

        // A hundred in a second are served, and a quarter more are asked to come.
        assertThat(Duration.between(back.getFirst(), back.getLast()))
                .isBetween(Duration.ofSeconds(9), Duration.ofSeconds(12));
        assertThat(back).isSorted();
    }

    private SessionsConfig config(int waiting, Duration patience) {
        SessionsConfig standard = SessionsConfig.STANDARD;
        return new SessionsConfig(
                standard.initial(),
                standard.perSite(),
                standard.messages(),
                standard.age(),
                standard.idle(),
                standard.mostIdle(),
                waiting,
                patience,
                standard.deadAfter(),
                standard.firstProbe(),
                standard.longestProbe());
    }

    private void serveEachIn(Site site, Duration time, int count) {
        for (int i = 0; i < count; i++) {
            Waiter one = enter(site);
            clock.advance(time);
            answered(one);
        }
    }

    /// The promise to everybody else: whatever there is for one site, little of it is in memory,
    /// and it is all served, in about the time that the site needs.
    @Test
    void tenThousandDomainsOfASlowSiteTakeLittleOfTheWindowAndLittleMoreThanTheirTime() {
        sessions = 20;
        Site site = site();
        Duration service = Duration.ofSeconds(1);
        Queue<Instant> busy = new ArrayDeque<>();
        Queue<Visit> visits = new ArrayDeque<>();
        java.util.PriorityQueue<Instant> due = new java.util.PriorityQueue<>();
        List<Waiter> waiting = new ArrayList<>();
        IntStream.range(0, 10_000).forEach(_ -> due.add(clock.instant()));
        Instant start = clock.instant();
        int served = 0;
        int most = 0;
        long asked = 0;
        while (served < 10_000) {
            while (!due.isEmpty() && !due.element().isAfter(clock.instant())) {
                due.remove();
                waiting.add(enter(site));
                asked++;
            }
            for (Waiter it : List.copyOf(waiting)) {
                if (waits(it)) {
                    continue;
                }
                waiting.remove(it);
                switch (it.entry().join()) {
                    case Entry.Open(Visit visit) -> {
                        visits.add(visit);
                        busy.add(clock.instant().plus(service));
                    }
                    case Entry.Later(_, Instant earliest, _) -> due.add(earliest);
                }
            }
            most = Math.max(most, waiting.size() + visits.size());
            alarms.advance(Duration.ofMillis(100));
            while (!busy.isEmpty() && !busy.element().isAfter(clock.instant())) {
                busy.remove();
                try (Visit visit = visits.remove()) {
                    visit.opened(target(1));
                }
                served++;
            }
        }
        assertThat(most).isLessThanOrEqualTo(2_020);
        assertThat(Duration.between(start, clock.instant())).isLessThan(Duration.ofSeconds(550));
        assertThat(asked).isLessThan(40_000);
    }

    @Test
    void patienceEndsWhereNothingMoves() {
        Site site = site();
        enter(site);
        enter(site);
        Waiter three = enter(site);
        alarms.advance(Duration.ofSeconds(55));
        Waiter four = enter(site);
        alarms.advance(Duration.ofSeconds(10));
        assertThat(later(three).down()).isFalse();
        assertThat(waits(four)).isTrue();
        alarms.advance(Duration.ofSeconds(60));
        assertThat(later(four).down()).isFalse();
    }

    @Test
    void theLineBecomesShorterWhereTheSiteBecomesSlower() {
        Site site = site();
        List<Waiter> crowd = IntStream.range(0, 1_002).mapToObj(_ -> enter(site)).toList();
        assertThat(site.state().waiting()).isEqualTo(1_000);
        alarms.advance(Duration.ofSeconds(11));

        assertThat(site.state().waiting()).isEqualTo(100);
        assertThat(crowd.subList(2, 102)).allMatch(SiteTest::waits);
        assertThat(crowd.subList(102, 1_002)).noneMatch(SiteTest::waits);
    }

    @Test
    void aSiteIsDeadWhenNobodyAnswersForSomeAttempts() {
        Site site = site();
        silent(enter(site));
        silent(enter(site));
        Waiter third = enter(site);
        Waiter fourth = enter(site);
        Waiter inLine = enter(site);
        silent(third);

        Entry.Later later = later(inLine);
        assertThat(later.down()).isTrue();
        assertThat(later.reply().toString())
                .isEqualTo(
                        "421 4.4.1 Not tried, since mx.example did not answer: 192.0.2.1 refused"
                                + " the connection");
        assertThat(later.earliest()).isEqualTo(clock.instant().plusSeconds(30));
        assertThat(later(enter(site))).isEqualTo(later);
        assertThat(site.state().kind()).isEqualTo(SiteState.Kind.DEAD);
        assertThat(site.state().nextProbe()).contains(later.earliest());
        silent(fourth);
    }

    private Site dead() {
        Site site = site();
        for (int i = 0; i < 3; i++) {
            silent(enter(site));
        }
        return site;
    }

    @Test
    void aDeadSiteIsProbedByOneAttemptWithGrowingPauses() {
        Site site = dead();
        Duration pause = Duration.ofSeconds(30);
        for (int i = 0; i < 8; i++) {
            clock.advance(pause.minusMillis(1));
            assertThat(later(enter(site)).down()).isTrue();
            clock.advance(Duration.ofMillis(1));
            Waiter probe = enter(site);
            assertThat(isIn(probe)).isTrue();
            assertThat(site.state().kind()).isEqualTo(SiteState.Kind.PROBED);
            assertThat(later(enter(site)).down()).isTrue();
            silent(probe);
            Duration twice = pause.multipliedBy(2);
            pause = twice.compareTo(Duration.ofMinutes(2)) < 0 ? twice : Duration.ofMinutes(2);
            assertThat(later(enter(site)).earliest()).isEqualTo(clock.instant().plus(pause));
        }
    }

    @Test
    void aProbeThatIsAnsweredOpensTheSiteForAll() {
        Site site = dead();
        clock.advance(Duration.ofSeconds(30));
        answered(enter(site));

        assertThat(List.of(enter(site), enter(site))).allMatch(SiteTest::isIn);
        assertThat(site.state().kind()).isEqualTo(SiteState.Kind.OPEN);
    }

    @Test
    void anOperatorNeedNotWaitForTheProbe() {
        Site site = dead();
        assertThat(site.resume()).isTrue();
        assertThat(isIn(enter(site))).isTrue();
    }

    @Test
    void aProbeThatLearnsNothingIsFollowedByAnother() {
        Site site = dead();
        clock.advance(Duration.ofSeconds(30));
        visit(enter(site)).close();
        clock.advance(Duration.ofSeconds(30));
        assertThat(isIn(enter(site))).isTrue();
    }

    @Test
    void oneAnswerInBetweenKeepsASiteAlive() {
        Site site = site();
        for (int i = 0; i < 5; i++) {
            silent(enter(site));
            silent(enter(site));
            answered(enter(site));
        }
        assertThat(site.state().kind()).isEqualTo(SiteState.Kind.OPEN);
    }

    @Test
    void anAddressThatDoesNotAnswerComesLastForAWhile() {
        Site site = site();
        List<Target> targets = List.of(target(1), target(2), target(3));
        try (Visit visit = visit(enter(site))) {
            visit.silent(target(1), REFUSED);
            visit.opened(target(2));
        }
        assertThat(site.order(targets)).containsExactly(target(2), target(3), target(1));
        clock.advance(Duration.ofMinutes(5));
        assertThat(site.order(targets)).isEqualTo(targets);
    }

    @Test
    void nobodyGetsInWhileASiteIsSuspended() {
        Site site = site();
        enter(site);
        enter(site);
        Waiter three = enter(site);
        site.suspend("they asked us to");
        assertThat(List.of(three, enter(site)))
                .allSatisfy(
                        it ->
                                assertThat(later(it).reply().toString())
                                        .isEqualTo(
                                                "450 4.3.2 Not tried: mx.example is suspended:"
                                                        + " they asked us to"));
        assertThat(site.resume()).isTrue();
        assertThat(site.resume()).isFalse();
        assertThat(waits(enter(site))).isTrue();
    }

    @Test
    void aSiteIsForgottenWhenNothingGoesOnThere() {
        Site site = site();
        Waiter one = enter(site);
        assertThat(site.forget(clock.instant())).isFalse();
        answered(one);
        assertThat(site.forget(clock.instant().minusSeconds(1))).isFalse();
        assertThat(site.forget(clock.instant())).isTrue();
        assertThat(site.enter(new Errand("late", LETTER))).isEmpty();
    }

    @Test
    void nobodyWaitsWhenTheServerStops() {
        Site site = site();
        enter(site);
        enter(site);
        Waiter three = enter(site);
        site.drain();
        assertThat(three.entry().state()).isEqualTo(Future.State.CANCELLED);
    }
}
