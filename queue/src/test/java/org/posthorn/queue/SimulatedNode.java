package org.posthorn.queue;

import org.posthorn.api.intake.Draft;
import org.posthorn.api.mail.Domain;
import org.posthorn.api.mail.MessageId;
import org.posthorn.queue.sim.SimLog;
import org.posthorn.queue.state.JobKey;
import org.posthorn.queue.state.JobRecord;
import org.posthorn.queue.state.MessageKey;
import org.posthorn.queue.state.Table;

import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/// A simulated process with the queue.
final class SimulatedNode {
    static final int MOST_ACTIVE = 8;
    static final int MOST_LANES = 2;
    static final int SHARE = 4;
    private static final LaneLimits LIMITS =
            new LaneLimits() {
                @Override
                public int active() {
                    return MOST_ACTIVE;
                }

                @Override
                public int lanes(Destination destination) {
                    return MOST_LANES;
                }

                @Override
                public int share() {
                    return SHARE;
                }
            };

    final SimLog log;
    final LogQueue queue;
    final List<Job> handedOut = new ArrayList<>();
    final List<Writing> writing = new ArrayList<>();
    final Map<MessageId, Integer> settling = new HashMap<>();
    int paused;

    SimulatedNode(SimulatedWorld world, SimLog log, int draftMemory, Removals.Policy undo) {
        this.log = log;
        this.queue = new LogQueue(log, LIMITS, world.clock, world.random, draftMemory, undo);
        checkTables();
    }

    /// A large message that comes in.
    static final class Writing {
        final Draft draft;
        final Sample sample;
        final ByteBuffer rest;
        CompletableFuture<Void> last = CompletableFuture.completedFuture(null);

        Writing(Draft draft, Sample sample) {
            this.draft = draft;
            this.sample = sample;
            this.rest = ByteBuffer.wrap(sample.body());
        }
    }

    /// Whoever begins to own the tables finds them whole.
    void checkTables() {
        List<String> problems = new Invariants(log.view()).problems(log.tally(), false);
        if (!problems.isEmpty()) {
            throw new AssertionError("the tables: " + problems);
        }
    }

    /// Operators wait for the disk, which moves on for them. One who asks a queue that is not the
    /// owner is told that it cannot be done.
    <T> Optional<T> operation(Supplier<T> operation) {
        boolean owner = log.owns();
        try {
            T result = log.promptly(operation);
            return owner ? Optional.of(result) : Optional.empty();
        } catch (UncheckedIOException _) {
            return Optional.empty();
        }
    }

    /// Tells whether something is due, not handed out, and has a lane.
    boolean isSomethingDue(Instant now) {
        Map<Domain, Integer> lanes = new HashMap<>();
        Map<String, Integer> shares = new HashMap<>();
        Set<JobKey> out = new HashSet<>();
        for (Job job : handedOut) {
            lanes.merge(job.destination().domain(), 1, Integer::sum);
            shares.merge(Sample.tenant(job), 1, Integer::sum);
            out.add(new JobKey(MessageKey.of(job.message()).orElseThrow(), job.number()));
        }
        boolean[] found = {false};
        log.view()
                .scan(
                        Table.JOB,
                        new byte[0],
                        new byte[0],
                        (key, value) -> {
                            JobRecord job = JobRecord.of(value);
                            found[0] =
                                    job.hold().isEmpty()
                                            && !job.due().isAfter(now)
                                            && lanes.getOrDefault(job.destination(), 0) < MOST_LANES
                                            && shares.getOrDefault(job.source(), 0) < SHARE
                                            && !out.contains(JobKey.of(key));
                            return !found[0];
                        });
        return found[0];
    }
}
