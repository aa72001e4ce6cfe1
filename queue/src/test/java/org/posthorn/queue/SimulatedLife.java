package org.posthorn.queue;

import static org.assertj.core.api.Assertions.assertThat;

import org.posthorn.api.mail.MessageId;
import org.posthorn.queue.Ledger.Owed;
import org.posthorn.queue.sim.SimDisk;
import org.posthorn.queue.sim.SimLog;
import org.posthorn.queue.state.JobKey;
import org.posthorn.queue.state.Table;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;

/// One life of a queue, chosen by a seed: what clients, agents and operators do, how fast the disk
/// is, what fails, when a process ends, when another takes over.
///
/// One thread and one clock, which is moved by hand: a seed is the same life each time.
final class SimulatedLife {
    /// How often one looks for a job at the most who waits for one: what leads nowhere is removed
    /// on the way, and then is looked again.
    private static final int LOOKS = 3;

    /// One in so many lives begins with more mail for one destination than is kept in memory.
    private static final int CROWDED = 20;

    private final SimulatedWorld world;
    private final SplittableRandom random;
    private final SimulatedClients clients;
    private final SimulatedAgents agents;
    private final SimulatedOperators operators;
    private final SimDisk disk = new SimDisk();
    private final List<SimulatedNode> nodes = new ArrayList<>();
    private final double faults;
    private final int pace;
    private final int accidents;
    private final int draftMemory;
    private final Removals.Policy undo;
    private int operations;

    SimulatedLife(long seed) {
        world = new SimulatedWorld(seed);
        random = world.random;
        clients = new SimulatedClients(world);
        agents = new SimulatedAgents(world);
        operators = new SimulatedOperators(world);
        faults = new double[] {0, 0.02, 0.1, 0.3}[random.nextInt(4)];
        pace = new int[] {20, 50, 80}[random.nextInt(3)];
        accidents = new int[] {0, 5, 20}[random.nextInt(3)];
        draftMemory = random.nextInt(3) * 4000;
        undo =
                random.nextBoolean()
                        ? Removals.Policy.NONE
                        : new Removals.Policy(
                                Duration.ofSeconds(1 + random.nextInt(300)),
                                random.nextInt(20_000));
        nodes.add(node(faults));
    }

    private SimulatedNode node(double failing) {
        return new SimulatedNode(world, new SimLog(disk, random, failing), draftMemory, undo);
    }

    /// Lives, and then delivers what is left.
    ///
    /// @return how many operations that were
    int live(int steps) throws InterruptedException {
        if (random.nextInt(CROWDED) == 0) {
            clients.crowd(nodes.getFirst());
        }
        for (int step = 0; step < steps; step++) {
            operations++;
            SimulatedNode node = nodes.get(random.nextInt(nodes.size()));
            if (node.paused > 0) {
                node.paused--;
            } else if (random.nextInt(100) < pace) {
                node.log.step();
            } else {
                act(node);
            }
        }
        for (SimulatedNode node : nodes) {
            node.writing.forEach(it -> it.draft.close());
            node.log.close();
            assertThat(node.queue.draftMemory()).as("the memory of drafts").isZero();
        }
        nodes.clear();
        deliverTheRest();
        return operations;
    }

    private void act(SimulatedNode node) throws InterruptedException {
        switch (random.nextInt(20)) {
            case 0, 1, 2, 3 -> clients.begin(node);
            case 4, 5 -> clients.goOn(node);
            case 6, 7, 8, 9, 10 -> agents.take(node);
            case 11, 12, 13, 14 -> agents.settle(node);
            case 15 -> world.clock.advance(Duration.ofSeconds(random.nextInt(100)));
            case 16 -> agents.giveBack(node);
            case 17 -> operators.operate(node);
            case 18 -> {
                if (random.nextInt(100) < accidents) {
                    accident(node);
                }
            }
            default -> {
                if (random.nextInt(8) == 0) {
                    rest(node);
                }
            }
        }
    }

    private void accident(SimulatedNode node) {
        switch (random.nextInt(3)) {
            case 0 -> crash(node);
            case 1 -> {
                if (nodes.size() == 1) {
                    node.paused = random.nextInt(100);
                    world.ledger.takenOver();
                    nodes.add(node(faults));
                }
            }
            default -> {
                SimulatedNode owner =
                        nodes.stream().filter(it -> it.log.owns()).findFirst().orElse(node);
                if (owner != node) {
                    owner.paused = random.nextInt(100);
                    takeOver(node);
                }
            }
        }
    }

    private void crash(SimulatedNode node) {
        node.log.crash();
        nodes.remove(node);
        if (nodes.isEmpty()) {
            nodes.add(node(faults));
        } else if (nodes.stream().noneMatch(it -> it.log.isOwner())) {
            takeOver(nodes.getFirst());
        }
    }

    private void takeOver(SimulatedNode node) {
        world.ledger.takenOver();
        node.log.takeOver();
        node.checkTables();
    }

    /// When nothing is under way, what is due and has a lane is handed out.
    private void rest(SimulatedNode node) throws InterruptedException {
        node.log.run();
        if (!node.log.owns()) {
            return;
        }
        List<String> problems = new Invariants(node.log.view()).problems(node.log.tally(), true);
        assertThat(problems).as("the tables").isEmpty();
        while (node.handedOut.size() < SimulatedNode.MOST_ACTIVE
                && node.isSomethingDue(world.clock.instant())) {
            int before = node.handedOut.size();
            for (int look = 0; look < LOOKS && node.handedOut.size() == before; look++) {
                agents.take(node);
            }
            assertThat(node.handedOut).as("jobs handed out").hasSizeGreaterThan(before);
        }
    }

    private void deliverTheRest() throws InterruptedException {
        SimulatedNode last = node(0);
        for (Owed owed : world.ledger.all()) {
            owed.mayBeReleased = true;
            owed.courses.values().forEach(it -> it.held = false);
        }
        Set<MessageId> held = new LinkedHashSet<>();
        last.log
                .view()
                .scan(
                        Table.HELD,
                        new byte[0],
                        new byte[0],
                        (key, _) -> {
                            held.add(JobKey.of(key).message().id());
                            return true;
                        });
        held.forEach(it -> last.operation(() -> new Operator(last.queue).release(it)));
        for (Optional<Job> job = next(last); job.isPresent(); job = next(last)) {
            agents.taken(last, job.get());
            last.handedOut.clear();
            agents.settle(last, job.get(), "D");
            operations += 1 + last.log.run();
        }
        last.operation(last.queue::purge);
        assertThat(Invariants.leftovers(last.log.view())).as("what is left").isEmpty();
        assertThat(last.queue.counts()).isEqualTo(new Queue.Counts(0, 0, 0, 0, 0));
        world.ledger.checkEnds();
        last.log.close();
    }

    private Optional<Job> next(SimulatedNode node) throws InterruptedException {
        world.clock.advance(Duration.ofHours(1));
        operations++;
        return node.queue.poll();
    }
}
