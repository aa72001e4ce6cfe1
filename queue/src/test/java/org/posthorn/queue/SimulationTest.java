package org.posthorn.queue;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;

/// Thousands of simulated lives of the whole queue, from drafts to settlements, on a log and a disk
/// in memory and a clock that is moved by hand ([SimulatedLife]). Each seed is one life, the same
/// each time: `-Dposthorn.simulation.seed=N` plays one alone.
///
/// What happens besides the use of the queue: a disk of any pace; syncs that fail, with all of
/// their group on disk, or some of it, or nothing; acknowledgements that are lost; a crash between
/// any two steps; another process that takes over while this one is paused, and comes back.
///
/// What is checked ([Ledger], [Invariants]):
///
/// - an acknowledged message is not lost: each of its recipients comes to an end, once
/// - what is handed out is what was submitted: envelope, metadata, content
/// - a recipient whose end was acknowledged is not handed out again, nor what was deleted, nor
/// a message that was said to be finished; that is said once
/// - a job is in one pair of hands at a time, and no more are out than the window, the lanes and
///   the
/// share of a tenant allow
/// - no job is handed out before it is due: its first time, its deferral
/// - what is held is not handed out until it is released
/// - what was brought back by an operator is whole; of what it promised before nothing holds
/// - a report exists if and only if the settlement that makes it was written, and there is one per
/// end; what a sender was told is remembered, and not told again
/// - an owner whose lease is over changes nothing
/// - when nothing is under way, whatever is due and has a lane is handed out
/// - after each start and takeover the tables are whole and the counters right; when all is
/// delivered, nothing is left in them, nor in the memory of drafts
@Timeout(300)
class SimulationTest {
    private static final int STEPS = 400;
    private static final int LIVES = 1250;

    @ParameterizedTest
    @ValueSource(longs = {0, 10_000, 20_000, 30_000})
    void keepsItsPromisesThroughFaultsAndCrashes(long first) throws InterruptedException {
        Long only = Long.getLong("posthorn.simulation.seed");
        Duration before = processorTime();
        long operations = 0;
        for (long seed = first; seed < first + LIVES; seed++) {
            operations += live(only == null ? seed : only);
        }
        long millis = Math.max(1, processorTime().minus(before).toMillis());
        System.out.printf(
                "%d simulated lives from seed %d: %d operations, %d per second of processor time%n",
                LIVES, first, operations, operations * 1000 / millis);
    }

    private static Duration processorTime() {
        return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
    }

    private static int live(long seed) throws InterruptedException {
        try {
            return new SimulatedLife(seed).live(STEPS);
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("-Dposthorn.simulation.seed=" + seed, e);
        }
    }
}
