package org.posthorn.delivery;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.IntToDoubleFunction;

/// Postfix's scheduler, as its SCHEDULER_README publishes it in pseudocode, with the defaults of
/// Postfix 3: 5 sessions at first, 20 at the most, a site dead after one failed cohort, and then
/// left alone for `minimal_backoff_time`. Failures are those of connection and handshake: a `421`
/// greeting is one, a `450` to a recipient is none.
final class PublishedConcurrency implements Concurrency {
    private static final int INITIAL = 5;
    private static final int MOST = 20;
    private static final Duration BACKOFF = Duration.ofSeconds(300);

    private final IntToDoubleFunction feedback;
    private int concurrency = INITIAL;
    private double success;
    private double failure;
    private double failedCohorts;
    private int open;
    private Instant dead = Instant.MIN;

    /// @param feedback what one delivery counts, by the concurrency
    PublishedConcurrency(IntToDoubleFunction feedback) {
        this.feedback = feedback;
    }

    @Override
    public Optional<NotYet> ask(Instant now) {
        if (concurrency == 0 && now.isBefore(dead)) {
            return Optional.of(new NotYet("dead", dead));
        }
        if (concurrency == 0) {
            concurrency = INITIAL;
            success = 0;
            failure = 0;
            failedCohorts = 0;
        }
        return open < concurrency ? Optional.empty() : Optional.of(new NotYet("full", Instant.MAX));
    }

    @Override
    public int allowed(Instant now) {
        return concurrency;
    }

    @Override
    public int started(Instant now) {
        return ++open;
    }

    @Override
    public void succeeded(Duration took, Instant now) {
        succeeded();
        open--;
    }

    private void succeeded() {
        failedCohorts = 0;
        if (concurrency > 0 && concurrency < open + INITIAL) {
            success += feedback.applyAsDouble(concurrency);
            while (success >= 1) {
                concurrency++;
                failure = 0;
                success--;
            }
            concurrency = Math.min(concurrency, MOST);
        }
    }

    @Override
    public void failed(Failure kind, int among, Duration took, Instant now) {
        switch (kind) {
            case THROTTLED, BROKEN -> succeeded();
            case UNREACHED, BUSY -> failed(now);
        }
        open--;
    }

    @Override
    public void ended(Duration took, Instant now) {
        open--;
    }

    @Override
    public void dead() {}

    private void failed(Instant now) {
        if (concurrency > 0) {
            failedCohorts += 1.0 / concurrency;
            if (failedCohorts > 1) {
                concurrency = 0;
                dead = now.plus(BACKOFF);
            }
        }
        if (concurrency > 0) {
            failure -= feedback.applyAsDouble(concurrency);
            while (failure < 0) {
                concurrency--;
                failure++;
                success = 0;
            }
            concurrency = Math.max(1, concurrency);
        }
    }
}
