package org.posthorn.delivery;

import org.posthorn.delivery.Concurrency.Failure;

import java.time.Duration;
import java.time.Instant;

/// A time in which a site is left alone, and is then tried by one session. Immutable.
///
/// @param kind why
/// @param began when
/// @param pause how long
record Rest(Failure kind, Instant began, Duration pause) {
    private static final double GROWTH = 1.5;
    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofMinutes(2);

    /// Begins the first of a row.
    static Rest first(Failure kind, Instant now) {
        return new Rest(kind, now, FIRST);
    }

    /// Begins the next, after one session has failed again.
    Rest again(Failure next, Instant at) {
        Duration longer = Duration.ofMillis((long) (pause.toMillis() * GROWTH));
        return new Rest(next, at, longer.compareTo(LONGEST) < 0 ? longer : LONGEST);
    }

    /// Returns when one session may try.
    Instant until() {
        return began.plus(pause);
    }

    /// Returns why, for an operator.
    String reason() {
        return switch (kind) {
            case UNREACHED, BROKEN -> "nobody answers there";
            case BUSY -> "the server takes no session of ours";
            case THROTTLED -> "the server wants fewer messages";
        };
    }
}
