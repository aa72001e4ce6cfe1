package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;

class RetryScheduleTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final RandomGenerator MIDDLE = () -> 1L << 63;
    private final RetrySchedule schedule =
            new RetrySchedule(
                    Duration.ofMinutes(5),
                    Duration.ofHours(4),
                    Duration.ofHours(4),
                    Duration.ofDays(5));

    private Duration wait(Duration age) {
        Instant now = NOON.plus(age);
        return Duration.between(now, schedule.next(NOON, now, MIDDLE).orElseThrow());
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

        assertThat(schedule.next(NOON, last.minusSeconds(60), MIDDLE)).contains(last);
        assertThat(schedule.next(NOON, last, MIDDLE)).isEmpty();
    }

    @Property
    void staysWithinATenthOfTheWait(
            @ForAll @LongRange(min = 0, max = 400_000) long age, @ForAll long seed) {
        Instant now = NOON.plusSeconds(age);
        Duration exact = wait(Duration.ofSeconds(age));
        Duration actual =
                Duration.between(
                        now, schedule.next(NOON, now, new java.util.Random(seed)).orElseThrow());

        assertThat(actual.toMillis())
                .isBetween(exact.toMillis() * 9 / 10 - 1, exact.toMillis() * 11 / 10 + 1);
    }
}
