package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.posthorn.testkit.ManualClock;

import java.time.Duration;
import java.time.Instant;

class TlsMemoryTest {
    private final ManualClock clock = ManualClock.atNoon();
    private final JournalMap entries = JournalMap.inMemory(10);
    private final TlsMemory memory = new TlsMemory(entries, Duration.ofDays(30), clock);

    @Test
    void remembersFromTheFirstTimeUntilSomeTimeAfterTheLast() {
        Instant first = clock.instant();
        memory.verified("a.example", "mx.a.example", "dane");
        clock.advance(Duration.ofDays(29));
        memory.verified("a.example", "mx2.a.example", "certificate");
        clock.advance(Duration.ofDays(29));

        assertThat(memory.find("a.example"))
                .contains(
                        new TlsMemory.Remembered(
                                "a.example",
                                "certificate",
                                "mx2.a.example",
                                first,
                                first.plus(Duration.ofDays(29))));
        clock.advance(Duration.ofDays(1));
        assertThat(memory.find("a.example")).isEmpty();
        assertThat(memory.all()).isEmpty();
    }

    @Test
    void writesNothingAnewWithinTheHour() {
        memory.verified("a.example", "mx.a.example", "dane");
        String before = entries.find("a.example").orElseThrow();
        clock.advance(Duration.ofMinutes(59));
        memory.verified("a.example", "other.a.example", "certificate");
        assertThat(entries.find("a.example")).contains(before);
        clock.advance(Duration.ofMinutes(1));
        memory.verified("a.example", "other.a.example", "certificate");
        assertThat(entries.find("a.example")).isNotEqualTo(before);
    }

    @Test
    void countsWhatWaitsAndShowsItFirst() {
        memory.blocked("a.example");
        assertThat(memory.timesBlocked("a.example")).isZero();
        memory.verified("a.example", "mx.a.example", "dane");
        memory.verified("b.example", "mx.b.example", "dane");
        memory.blocked("a.example");
        memory.blocked("a.example");
        assertThat(memory.timesBlocked("a.example")).isEqualTo(2);
        assertThat(memory.all()).extracting("domain").containsExactly("a.example", "b.example");

        memory.verified("a.example", "mx.a.example", "dane");
        assertThat(memory.timesBlocked("a.example")).isZero();
    }

    @Test
    void forgetsWhatItIsTold() {
        memory.verified("a.example", "mx.a.example", "dane");
        assertThat(memory.forget("a.example")).isTrue();
        assertThat(memory.forget("a.example")).isFalse();
        assertThat(memory.find("a.example")).isEmpty();
    }

    @Test
    void remembersNothingWhereThatIsOff() {
        var off = new TlsMemory(entries, Duration.ZERO, clock);
        off.verified("a.example", "mx.a.example", "dane");
        assertThat(off.find("a.example")).isEmpty();
        assertThat(entries.all()).isEmpty();
    }

    @Test
    void passesOverEntriesThatItDoesNotUnderstand() {
        entries.put("a.example", "x");
        entries.put("b.example", "dane mx 1 99999999999999999999");
        assertThat(memory.find("a.example")).isEmpty();
        assertThat(memory.all()).isEmpty();
    }
}
