package org.posthorn.delivery;

import java.time.Duration;
import java.time.Instant;

/// The same number of sessions, whatever happens. Immutable.
///
/// @param sessions how many
record FixedConcurrency(int sessions) implements Concurrency {
    @Override
    public int allowed(Instant now) {
        return sessions;
    }

    @Override
    public void succeeded(Duration took, Instant now) {}

    @Override
    public void failed(Failure kind, Instant now) {}
}
