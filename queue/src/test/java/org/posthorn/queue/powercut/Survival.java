package org.posthorn.queue.powercut;

import java.util.random.RandomGenerator;

/// Chooses what of all that was not synced survives a power cut.
///
/// Disks differ, so each cut has its own manner: all of it survives or nothing; what came before
/// some moment, as where a file system or a disk keeps the order; or each write, each sector of a
/// write and each name by itself, as where nothing does.
final class Survival {
    /// What a disk writes whole.
    static final int SECTOR = 512;

    private final RandomGenerator random;
    private final int horizon;
    private final int nameHorizon;
    private final double chance;
    private final double torn;
    private final boolean ordered;

    private Survival(
            RandomGenerator random,
            int horizon,
            int nameHorizon,
            double chance,
            double torn,
            boolean ordered) {
        this.random = random;
        this.horizon = horizon;
        this.nameHorizon = nameHorizon;
        this.chance = chance;
        this.torn = torn;
        this.ordered = ordered;
    }

    /// Returns the same manner for a file that keeps the order of what is written to it.
    Survival inOrder() {
        return new Survival(random, horizon, nameHorizon, chance, torn, true);
    }

    /// Tells whether of a file's writes only the last are lost.
    boolean ordered() {
        return ordered;
    }

    /// Chooses a manner.
    ///
    /// @param now how many events have happened
    static Survival random(RandomGenerator random, int now) {
        double[] chances = {0, 0, 1, 0.1, 0.5, 0.9};
        double[] tears = {0, 0.3, 1};
        return new Survival(
                random,
                random.nextBoolean() ? Integer.MAX_VALUE : recent(random, now),
                random.nextBoolean() ? Integer.MAX_VALUE : recent(random, now),
                chances[random.nextInt(chances.length)],
                tears[random.nextInt(tears.length)],
                false);
    }

    private static int recent(RandomGenerator random, int now) {
        return now - random.nextInt(Math.min(now, 1 << random.nextInt(12)) + 1);
    }

    /// Tells whether a change of names survives.
    boolean named(int at) {
        return survives(at, nameHorizon);
    }

    /// Tells whether a change of a file survives, at least in part.
    boolean written(int at) {
        return survives(at, horizon);
    }

    private boolean survives(int at, int limit) {
        return at < limit && (limit != Integer.MAX_VALUE || random.nextDouble() < chance);
    }

    /// Tells whether a write that survives is torn.
    boolean tears() {
        return random.nextDouble() < torn;
    }

    /// Tells whether a sector of a torn write survives; and of a lost one, whether the file grew
    /// nevertheless.
    boolean sector() {
        return random.nextBoolean();
    }
}
