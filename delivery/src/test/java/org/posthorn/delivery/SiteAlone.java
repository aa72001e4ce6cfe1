package org.posthorn.delivery;

import org.posthorn.api.smtp.Reply;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// What a [Site] does with what it learns of how much is taken and of whether anybody is there,
/// without its line and its sessions.
final class SiteAlone implements Concurrency {
    private static final Reply SILENCE = Reply.of(421, "4.4.1", "No answer");

    private final Health health = new Health(SessionsConfig.STANDARD);
    private final Concurrency concurrency;
    private int visits;

    SiteAlone(Instant now) {
        concurrency =
                new AdaptiveConcurrency(
                        SessionsConfig.STANDARD.initial(), SessionsConfig.STANDARD.perSite(), now);
    }

    @Override
    public Optional<NotYet> ask(Instant now) {
        if (health.dead().isEmpty()) {
            return concurrency.ask(now);
        }
        return visits == 0 && health.probe(now)
                ? Optional.empty()
                : Optional.of(new NotYet("dead", health.nextProbe()));
    }

    @Override
    public int allowed(Instant now) {
        return concurrency.allowed(now);
    }

    @Override
    public int started(Instant now) {
        visits++;
        return concurrency.started(now);
    }

    @Override
    public void succeeded(Duration took, Instant now) {
        visits--;
        health.answered();
        concurrency.succeeded(took, now);
    }

    @Override
    public void failed(Failure kind, int among, Duration took, Instant now) {
        visits--;
        int before = allowed(now);
        concurrency.failed(kind, among, took, now);
        if (kind != Failure.UNREACHED) {
            health.answered();
        } else if (health.silent(SILENCE, health.isProbing(), before, now)) {
            concurrency.dead();
        }
    }

    @Override
    public void ended(Duration took, Instant now) {
        concurrency.ended(took, now);
    }

    @Override
    public void dead() {
        concurrency.dead();
    }
}
