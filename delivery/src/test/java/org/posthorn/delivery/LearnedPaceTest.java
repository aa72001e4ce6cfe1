package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;

class LearnedPaceTest {
    private static final Duration REST = Duration.ofSeconds(1);

    private final LearnedPace pace = new LearnedPace();
    private Instant now = Instant.parse("2026-01-01T12:00:00Z");

    private void taken(int messages, Duration apart) {
        for (int i = 0; i < messages; i++) {
            now = now.plus(apart);
            pace.started(now);
            pace.succeeded(now);
        }
    }

    /// The site has enough, rests, and takes the next message after a time in which nobody wrote.
    private void refusedAndTakenAgainAfter(Duration quiet) {
        pace.refused();
        Instant rested = now.plus(REST);
        now = rested.plus(quiet);
        pace.started(now);
        pace.succeeded(now);
        pace.recovered(rested, now);
    }

    private Duration gap() {
        pace.started(now);
        pace.started(now);
        return pace.ask(now)
                .map(not -> Duration.between(now, not.earliest()))
                .orElse(Duration.ZERO);
    }

    @Test
    void whatASiteTookUpToTheEndOfItsRestIsItsPace() {
        taken(100, Duration.ofMillis(90));
        refusedAndTakenAgainAfter(Duration.ZERO);
        assertThat(gap()).isBetween(Duration.ofMillis(95), Duration.ofMillis(110));
    }

    @Test
    void aTimeWithNothingToSendSaysNothingOfTheSite() {
        taken(100, Duration.ofMillis(90));
        refusedAndTakenAgainAfter(Duration.ofMinutes(10));
        assertThat(gap()).isBetween(Duration.ofMillis(95), Duration.ofMillis(110));
    }

    @Test
    void aFewMessagesTellNoPace() {
        taken(1, Duration.ofMillis(90));
        refusedAndTakenAgainAfter(Duration.ofMinutes(10));
        taken(1, Duration.ofMinutes(10));
        refusedAndTakenAgainAfter(Duration.ofMinutes(10));
        assertThat(gap()).isZero();
    }

    @Test
    void aFewMessagesBetweenRefusalsTellItTogetherWhereMailGoesOn() {
        for (int i = 0; i < 4; i++) {
            taken(2, Duration.ofMillis(90));
            refusedAndTakenAgainAfter(Duration.ZERO);
        }
        assertThat(gap()).isBetween(Duration.ofMillis(300), Duration.ofMillis(600));
    }

    @Test
    void aPaceFadesWithTimeWhereFewMessagesAreSent() {
        taken(20, Duration.ofSeconds(4));
        refusedAndTakenAgainAfter(Duration.ZERO);
        Duration first = gap();
        taken(60, Duration.ofMinutes(1));
        now = now.plusSeconds(60);
        assertThat(gap()).isLessThan(first.dividedBy(10));
    }
}
