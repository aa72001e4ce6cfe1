package org.posthorn.queue;

import org.posthorn.api.mail.Domain;

import java.util.List;
import java.util.SplittableRandom;

/// What all parts of a simulated life share: chance, time, and what was promised.
final class SimulatedWorld {
    private static final List<Domain> DESTINATIONS =
            List.of(
                    Domain.name("d0.example"),
                    Domain.name("d1.example"),
                    Domain.name("d2.example"));

    final SplittableRandom random;
    final MovableClock clock = new MovableClock();
    final Ledger ledger = new Ledger();
    private int tokens;

    SimulatedWorld(long seed) {
        random = new SplittableRandom(seed);
    }

    Domain destination() {
        return DESTINATIONS.get(random.nextInt(DESTINATIONS.size()));
    }

    /// Returns a name that no other message has.
    String token(String kind) {
        return kind + ++tokens;
    }
}
