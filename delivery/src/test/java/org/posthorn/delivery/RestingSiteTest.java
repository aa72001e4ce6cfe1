package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.posthorn.delivery.Concurrency.Failure;

import java.time.Duration;
import java.time.Instant;

/// A site that rests is tried again, however the visits end that were there before.
class RestingSiteTest {
    private static final Duration LONG = Duration.ofMinutes(2);

    private Instant now = Instant.parse("2026-01-01T12:00:00Z");
    private final AdaptiveConcurrency site = new AdaptiveConcurrency(5, 20, now);

    /// One visit sends a big message, another one has the site rest, and the probe came to nothing.
    private void aProbeCameToNothingBesideAnOlderVisit() {
        site.started(now);
        site.started(now);
        site.failed(Failure.THROTTLED, 2, Duration.ZERO, now = now.plusMillis(1));
        now = now.plusSeconds(1);
        assertThat(site.ask(now)).isEmpty();
        site.started(now);
        assertThat(site.ask(now)).isPresent();
        site.ended(Duration.ZERO, now);
    }

    @Test
    void aProbeThatCameToNothingIsFollowedByAnother() {
        aProbeCameToNothingBesideAnOlderVisit();
        assertThat(site.ask(now)).isEmpty();
    }

    @Test
    void anOlderVisitThatGoesWellLeavesNobodyOut() {
        aProbeCameToNothingBesideAnOlderVisit();
        now = now.plus(LONG);
        site.succeeded(LONG.plusSeconds(2), now);
        assertThat(site.ask(now)).isEmpty();
    }

    @Test
    void anOlderVisitThatFailsLeavesNobodyOut() {
        aProbeCameToNothingBesideAnOlderVisit();
        now = now.plus(LONG);
        site.failed(Failure.BROKEN, 1, LONG.plusSeconds(2), now);
        assertThat(site.ask(now)).isEmpty();
    }

    @Test
    void anOlderVisitThatCameToNothingIsNotTheProbe() {
        site.started(now);
        site.started(now);
        site.failed(Failure.THROTTLED, 2, Duration.ZERO, now = now.plusMillis(1));
        now = now.plusSeconds(1);
        site.started(now);
        site.ended(Duration.ofSeconds(2), now);
        assertThat(site.ask(now)).isPresent();
        site.succeeded(Duration.ZERO, now);
        assertThat(site.ask(now.plusSeconds(60))).isEmpty();
    }
}
