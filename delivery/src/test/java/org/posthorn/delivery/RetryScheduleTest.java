package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.LongRange;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.api.config.ByteSize;
import org.posthorn.api.delivery.Outcome;
import org.posthorn.api.smtp.EnhancedStatus;
import org.posthorn.api.smtp.Reply;
import org.posthorn.queue.QueueConfig;
import org.posthorn.queue.RetryRule;
import org.posthorn.queue.RetryRule.Failure;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.random.RandomGenerator;

/// When mail is tried again: by its age, by what failed, and by its route.
class RetryScheduleTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final RandomGenerator MIDDLE = () -> 1L << 63;
    private static final Result BUSY = said("450 4.2.1 Mailbox busy");
    private static final Result REFUSED = unanswered("421 4.4.1 mx refused the connection");

    private final RetrySchedule schedule = schedule();

    private static RetrySchedule schedule(RetryRule... rules) {
        return RetrySchedule.of(
                new QueueConfig(
                        Duration.ofDays(5),
                        Duration.ofHours(4),
                        Duration.ofMinutes(5),
                        Duration.ofHours(4),
                        2,
                        List.of(rules),
                        new ByteSize(0),
                        Duration.ofMinutes(5),
                        1,
                        1,
                        25,
                        Duration.ZERO,
                        new ByteSize(0)));
    }

    private static RetryRule rule(Failure on, String matching, Duration first) {
        return new RetryRule(
                on,
                Optional.of(matching).filter(it -> !it.isEmpty()),
                Optional.of(first),
                Optional.empty(),
                Optional.empty());
    }

    private static Result said(String reply) {
        return result(reply, Optional.of("mx.example.org"));
    }

    private static Result unanswered(String reply) {
        return result(reply, Optional.empty());
    }

    private static Result result(String text, Optional<String> mta) {
        String[] words = text.split(" ", 3);
        Optional<EnhancedStatus> status = EnhancedStatus.parse(words[1]);
        String rest = status.isPresent() ? words[2] : words[1] + " " + words[2];
        Reply reply = new Reply(Integer.parseInt(words[0]), status, List.of(rest));
        return new Result(new Outcome.Deferred(reply), new Result.By("smtp", "mx", mta));
    }

    private static Duration wait(RetrySchedule schedule, Duration age, Result... results) {
        Instant now = NOON.plus(age);
        return Duration.between(
                now, schedule.next(NOON, now, List.of(results), MIDDLE).orElseThrow());
    }

    private Duration wait(Duration age) {
        return wait(schedule, age, BUSY);
    }

    @Test
    void waitsAsLongAgainAsItHasWaited() {
        assertThat(wait(Duration.ofHours(1))).isEqualTo(Duration.ofHours(1));
    }

    @Test
    void waitsWithinItsBounds() {
        assertThat(wait(Duration.ofSeconds(1))).isEqualTo(Duration.ofMinutes(5));
        assertThat(wait(Duration.ofDays(2))).isEqualTo(Duration.ofHours(4));
    }

    @Test
    void triesAtTheLastMomentAndThenGivesUp() {
        Instant last = NOON.plus(Duration.ofDays(5));

        assertThat(schedule.next(NOON, last.minusSeconds(60), List.of(BUSY), MIDDLE))
                .contains(last);
        assertThat(schedule.next(NOON, last, List.of(BUSY), MIDDLE)).isEmpty();
    }

    @Test
    void growsAsFastAsItIsTold() {
        var pace = new Pace(Duration.ofMinutes(5), Duration.ofHours(4), 1.5);

        assertThat(pace.wait(Duration.ofHours(1))).isEqualTo(Duration.ofMinutes(30));
    }

    @Test
    void failuresHaveTimesOfTheirOwn() {
        RetrySchedule several =
                schedule(
                        rule(Failure.CONNECTION, "", Duration.ofSeconds(30)),
                        rule(Failure.RATE_LIMIT, "", Duration.ofMinutes(15)),
                        rule(Failure.REPLY, "^450 4\\.2\\.0 .*greylist", Duration.ofMinutes(6)));

        assertThat(wait(several, Duration.ZERO, REFUSED)).isEqualTo(Duration.ofSeconds(30));
        assertThat(wait(several, Duration.ZERO, said("421 4.7.0 Too many connections")))
                .isEqualTo(Duration.ofMinutes(15));
        assertThat(wait(several, Duration.ZERO, said("450 4.2.0 Greylisted, see you")))
                .isEqualTo(Duration.ofMinutes(6));
        assertThat(wait(several, Duration.ZERO, BUSY)).isEqualTo(Duration.ofMinutes(5));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "421 4.4.1 mx refused the connection",
                "421 4.4.2 mx did not answer in time",
                "451 4.4.3 The DNS does not answer about example.org"
            })
    void whatNobodyAnsweredIsAFailureOfTheConnection(String reply) {
        var rule = rule(Failure.CONNECTION, "", Duration.ofSeconds(1));

        assertThat(wait(schedule(rule), Duration.ZERO, unanswered(reply)))
                .isEqualTo(Duration.ofSeconds(1));
        assertThat(wait(schedule(rule), Duration.ZERO, said(reply)))
                .isEqualTo(Duration.ofMinutes(5));
    }

    @ParameterizedTest
    @CsvSource({
        "true, 421 4.7.28 Our system has detected an unusual rate",
        "true, 451 4.7.500 Server busy",
        "true, 450 4.2.1 The user is receiving mail too quickly",
        "true, 421 RP-001 The server has exceeded the rate limit",
        "true, 450 4.1.0 You are throttled",
        "false, 451 4.7.1 Greylisting in action",
        "false, 450 4.7.1 Graylisted for 5 minutes",
        "false, 451 4.3.0 Out of paper",
        "false, 452 4.2.2 Mailbox full"
    })
    void knowsWhatServersSayThatWantLess(boolean less, String reply) {
        var rule = rule(Failure.RATE_LIMIT, "", Duration.ofSeconds(1));

        assertThat(wait(schedule(rule), Duration.ZERO, said(reply)))
                .isEqualTo(less ? Duration.ofSeconds(1) : Duration.ofMinutes(5));
    }

    @Test
    void knowsAServerThatWantsLessByItsGreetingToo() {
        RetrySchedule slower = schedule(rule(Failure.RATE_LIMIT, "", Duration.ofSeconds(1)));

        assertThat(
                        wait(
                                slower,
                                Duration.ZERO,
                                unanswered("421 4.3.2 mx refused to talk to us: 421 4.7.0 No")))
                .isEqualTo(Duration.ofSeconds(1));
        assertThat(wait(slower, Duration.ZERO, unanswered("421 4.7.5 mx broke off TLS")))
                .isEqualTo(Duration.ofMinutes(5));
    }

    @Test
    void anOperatorSaysWhatARateLimitIs() {
        RetrySchedule slower =
                schedule(rule(Failure.RATE_LIMIT, "\\[TSS04\\]", Duration.ofSeconds(1)));

        assertThat(wait(slower, Duration.ZERO, said("421 4.7.0 [tss04] Deferred")))
                .isEqualTo(Duration.ofSeconds(1));
        assertThat(wait(slower, Duration.ZERO, said("421 4.7.0 Too many connections")))
                .isEqualTo(Duration.ofMinutes(5));
    }

    @Test
    void theFirstEntryThatFitsCounts() {
        RetrySchedule twice =
                schedule(
                        rule(Failure.REPLY, "4\\.2\\.1", Duration.ofSeconds(1)),
                        rule(Failure.REPLY, "", Duration.ofSeconds(2)));

        assertThat(wait(twice, Duration.ZERO, BUSY)).isEqualTo(Duration.ofSeconds(1));
        assertThat(wait(twice, Duration.ZERO, said("450 4.3.0 No"))).hasSeconds(2);
    }

    @Test
    void recipientsThatFailInSeveralWaysAreTriedAtTheEarliestOfTheirTimes() {
        RetrySchedule quick = schedule(rule(Failure.REPLY, "full", Duration.ofHours(3)));
        Result full = said("452 4.2.2 Mailbox full");

        assertThat(wait(quick, Duration.ZERO, full, BUSY)).isEqualTo(Duration.ofMinutes(5));
        assertThat(wait(quick, Duration.ZERO, full, full)).isEqualTo(Duration.ofHours(3));
    }

    @Test
    void aTimeThatIsSaidMakesRoomForItself() {
        var pace = new Pace(Duration.ofMinutes(5), Duration.ofHours(4), 2);
        Optional<Duration> day = Optional.of(Duration.ofDays(1));
        Optional<Duration> second = Optional.of(Duration.ofSeconds(1));

        assertThat(pace.with(day, Optional.empty(), Optional.empty()).wait(Duration.ZERO))
                .isEqualTo(Duration.ofDays(1));
        assertThat(pace.with(Optional.empty(), second, Optional.empty()).wait(Duration.ZERO))
                .isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void aRouteSaysWhatIsOtherThere() {
        RetrySchedule there =
                schedule(rule(Failure.CONNECTION, "", Duration.ofSeconds(30)))
                        .with(
                                new RetryConfig(
                                        Optional.of(Duration.ofDays(1)),
                                        Optional.empty(),
                                        Optional.of(Duration.ofMinutes(1)),
                                        Optional.empty(),
                                        Optional.of(3.0),
                                        Optional.empty()));

        assertThat(there.giveUpAfter()).isEqualTo(Duration.ofDays(1));
        assertThat(there.warnAfter()).isEqualTo(Duration.ofHours(4));
        assertThat(wait(there, Duration.ZERO, BUSY)).isEqualTo(Duration.ofMinutes(1));
        assertThat(wait(there, Duration.ofMinutes(10), BUSY)).isEqualTo(Duration.ofMinutes(20));
        assertThat(wait(there, Duration.ofDays(1).minusSeconds(1), BUSY)).hasSeconds(1);
        assertThat(wait(there, Duration.ZERO, REFUSED)).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void anExpressionIsNotKeptBusyForEver() {
        RetrySchedule bad = schedule(rule(Failure.REPLY, "(x+x+)+y", Duration.ofSeconds(1)));

        assertThat(wait(bad, Duration.ZERO, said("450 4.2.1 " + "x".repeat(900))))
                .isEqualTo(Duration.ofMinutes(5));
    }

    @Test
    void refusesWhatMakesNoSense() {
        assertThatThrownBy(() -> rule(Failure.REPLY, "4.2.(1", Duration.ofSeconds(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("matching: '4.2.(1' is not a regular expression: ")
                .hasMessageEndingWith("Unclosed group at character 7");
        assertThatThrownBy(() -> rule(Failure.REPLY, "", Duration.ZERO))
                .hasMessage("first-retry must be longer than nothing: PT0S");
        assertThatThrownBy(
                        () ->
                                new RetryRule(
                                        Failure.REPLY,
                                        Optional.empty(),
                                        Optional.of(Duration.ofSeconds(2)),
                                        Optional.of(Duration.ofSeconds(1)),
                                        Optional.empty()))
                .hasMessage("longest-retry must be at least first-retry: PT1S is less than PT2S");
        assertThatThrownBy(
                        () ->
                                new RetryConfig(
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.of(1.0),
                                        Optional.empty()))
                .hasMessage("retry-growth must be more than 1, and at most 100: 1.0");
    }

    @Property
    void staysWithinATenthOfTheWait(
            @ForAll @LongRange(min = 0, max = 400_000) long age, @ForAll long seed) {
        Instant now = NOON.plusSeconds(age);
        Duration exact = wait(Duration.ofSeconds(age));
        Duration actual =
                Duration.between(
                        now,
                        schedule.next(NOON, now, List.of(BUSY), new Random(seed)).orElseThrow());

        assertThat(actual.toMillis())
                .isBetween(exact.toMillis() * 9 / 10 - 1, exact.toMillis() * 11 / 10 + 1);
    }

    @Property(edgeCases = EdgeCasesMode.NONE)
    void isNeverBeforeNowNorBehindTheEnd(
            @ForAll @LongRange(min = 1, max = 1_000_000) long first,
            @ForAll @LongRange(min = 0, max = 1_000_000) long more,
            @ForAll @DoubleRange(min = 1.01, max = 100) double growth,
            @ForAll @LongRange(min = 1, max = 1_000_000) long lifetime,
            @ForAll @LongRange(min = 0, max = 2_000_000) long age,
            @ForAll long seed) {
        var pace = new Pace(Duration.ofSeconds(first), Duration.ofSeconds(first + more), growth);
        var any = RetrySchedule.of(pace, Duration.ofHours(4), Duration.ofSeconds(lifetime));
        Instant now = NOON.plusSeconds(age);
        Instant end = NOON.plusSeconds(lifetime);
        Optional<Instant> next = any.next(NOON, now, List.of(BUSY), new Random(seed));

        assertThat(next.isPresent()).isEqualTo(age < lifetime);
        next.ifPresent(it -> assertThat(it).isAfter(now).isBeforeOrEqualTo(end));
    }

    @Property(edgeCases = EdgeCasesMode.NONE)
    void olderMailNeverWaitsLess(
            @ForAll @LongRange(min = 1, max = 1_000_000) long first,
            @ForAll @LongRange(min = 0, max = 1_000_000) long more,
            @ForAll @DoubleRange(min = 1.01, max = 100) double growth,
            @ForAll @LongRange(min = 0, max = 2_000_000) long age,
            @ForAll @LongRange(min = 0, max = 2_000_000) long older) {
        var pace = new Pace(Duration.ofSeconds(first), Duration.ofSeconds(first + more), growth);

        assertThat(pace.wait(Duration.ofSeconds(age + older)))
                .isGreaterThanOrEqualTo(pace.wait(Duration.ofSeconds(age)))
                .isBetween(pace.first(), pace.longest());
    }
}
