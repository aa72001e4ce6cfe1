package org.posthorn.delivery;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// The same number of sessions, whatever happens. Immutable: who asks counts the sessions.
///
/// @param sessions how many
record FixedConcurrency(int sessions) implements Concurrency {
    @Override
    public Optional<NotYet> ask(Instant now) {
        return Optional.empty();
    }

    @Override
    public int allowed(Instant now) {
        return sessions;
    }

    @Override
    public int started(Instant now) {
        return sessions;
    }

    @Override
    public void succeeded(Duration took, Instant now) {}

    @Override
    public void failed(Failure kind, int among, Duration took, Instant now) {}

    @Override
    public void ended(Duration took, Instant now) {}

    @Override
    public void dead() {}
}
