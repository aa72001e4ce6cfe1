package org.posthorn.smtp.rate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Random;

class RateCounterTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private Instant now = Instant.parse("2026-01-01T12:00:00Z");
    private final RateCounter counter = counter(1000);

    private RateCounter counter(int places) {
        return new RateCounter(places, MINUTE, () -> now, new Random(1));
    }

    @Test
    void countsEachKeyByItself() {
        assertThat(counter.add(1)).isEqualTo(1);
        assertThat(counter.add(1, 5)).isEqualTo(6);
        assertThat(counter.add(2)).isEqualTo(1);
        assertThat(counter.count(1)).isEqualTo(6);
        assertThat(counter.count(3)).isZero();
    }

    @Test
    void letsThePeriodSlide() {
        counter.add(1, 100);
        now = now.plusSeconds(60);
        assertThat(counter.count(1)).isEqualTo(100);
        now = now.plusSeconds(15);
        assertThat(counter.count(1)).isEqualTo(75);
        assertThat(counter.add(1, 3)).isEqualTo(78);
        now = now.plusSeconds(45);
        assertThat(counter.count(1)).isEqualTo(3);
        now = now.plusSeconds(60);
        assertThat(counter.count(1)).isZero();
    }

    @Test
    void remembersWhoDidMuchAmongAMillionStrangers() {
        counter.add(-1, 1000);
        for (long stranger = 0; stranger < 1_000_000; stranger++) {
            assertThat(counter.add(stranger)).isEqualTo(1);
        }
        assertThat(counter.count(-1)).isEqualTo(1000);
    }

    @Test
    void makesNobodyAnswerForAnother() {
        RateCounter tiny = counter(1);
        for (long stranger = 0; stranger < 100; stranger++) {
            assertThat(tiny.add(stranger, 7)).isEqualTo(7);
        }
    }

    @Test
    void staysAtTheHighestNumberThatThereIs() {
        counter.add(1, Integer.MAX_VALUE);
        assertThat(counter.add(1, Integer.MAX_VALUE)).isEqualTo(Integer.MAX_VALUE);
        now = now.plusSeconds(60);
        assertThat(counter.add(1, Integer.MAX_VALUE)).isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void makesKeysOfNames() {
        assertThat(counter.key("mona@example.org")).isEqualTo(counter.key("mona@example.org"));
        assertThat(counter.key("mona@example.org")).isNotEqualTo(counter.key("leo@example.org"));
        assertThat(counter.key("mona"))
                .isNotEqualTo(new RateCounter(1000, MINUTE, () -> now, new Random(2)).key("mona"));
    }

    @Test
    void needsAPlaceAndAPeriod() {
        assertThatIllegalArgumentException().isThrownBy(() -> counter(0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RateCounter(1, Duration.ZERO, () -> now, new Random(1)));
    }

    /// Between what the last period had for certain, and what the last two had.
    @Property(tries = 300)
    void countsNotLessThanAPeriodHasAndNotMoreThanTwoHave(
            @ForAll @Size(max = 200) List<@IntRange(max = 20_000) Integer> pauses) {
        RateCounter fresh = counter(1);
        Deque<Instant> events = new ArrayDeque<>();
        for (int pause : pauses) {
            now = now.plusMillis(pause);
            events.add(now);
            int counted = fresh.add(7);
            long inThis = events.stream().filter(it -> index(it) == index(now)).count();
            long inTwo = events.stream().filter(it -> index(now) - index(it) <= 1).count();
            assertThat((long) counted).isBetween(inThis, inTwo);
        }
    }

    private static long index(Instant time) {
        return Math.floorDiv(time.toEpochMilli(), MINUTE.toMillis());
    }
}
