package org.posthorn.queue;

import static org.assertj.core.api.Assertions.assertThat;

import org.posthorn.api.delivery.Outcome;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.smtp.Reply;
import org.posthorn.queue.Ledger.Course;
import org.posthorn.queue.Ledger.Owed;
import org.posthorn.queue.Ledger.Settling;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Who delivers the mail of a simulated queue.
record SimulatedAgents(SimulatedWorld world) {
    private static final Reply UNKNOWN = Reply.of(550, "5.1.1", "unknown");

    void take(SimulatedNode node) throws InterruptedException {
        node.queue.poll().ifPresent(job -> taken(node, job));
    }

    void taken(SimulatedNode node, Job job) {
        if (node.log.owns()) {
            world.ledger.check(job, world.clock.instant());
        } else {
            world.ledger.checkWhole(job);
        }
        assertThat(node.handedOut).noneMatch(it -> it.sameAs(job));
        node.handedOut.add(job);
        assertThat(node.handedOut)
                .as("jobs of one tenant")
                .filteredOn(it -> Sample.tenant(it).equals(Sample.tenant(job)))
                .hasSizeLessThanOrEqualTo(SimulatedNode.SHARE);
        assertThat(node.handedOut)
                .as("jobs of one destination")
                .filteredOn(it -> it.destination().equals(job.destination()))
                .hasSizeLessThanOrEqualTo(SimulatedNode.MOST_LANES);
        assertThat(node.handedOut)
                .hasSizeLessThanOrEqualTo(SimulatedNode.MOST_ACTIVE + node.settling.size());
    }

    void giveBack(SimulatedNode node) {
        if (!node.handedOut.isEmpty()) {
            node.queue.giveBack(node.handedOut.remove(world.random.nextInt(node.handedOut.size())));
        }
    }

    void settle(SimulatedNode node) {
        if (!node.handedOut.isEmpty()) {
            Job job = node.handedOut.remove(world.random.nextInt(node.handedOut.size()));
            settle(
                    node,
                    job,
                    world.random.nextInt(4) == 0 ? "DLF" : world.random.nextBoolean() ? "D" : "DL");
        }
    }

    void settle(SimulatedNode node, Job job, String kinds) {
        Owed owed = world.ledger.of(job);
        List<Outcome> outcomes = new ArrayList<>();
        List<Course> ended = new ArrayList<>();
        List<Course> waiting = new ArrayList<>();
        boolean failed = false;
        for (Recipient recipient : job.envelope().recipients()) {
            char kind = kinds.charAt(world.random.nextInt(kinds.length()));
            failed |= kind == 'F';
            (kind == 'L' ? waiting : ended).add(owed.courses.get(recipient));
            outcomes.add(
                    switch (kind) {
                        case 'D' -> new Outcome.Delivered(Mail.OK);
                        case 'L' -> new Outcome.Deferred(Mail.LATER);
                        default -> new Outcome.Failed(UNKNOWN);
                    });
        }
        boolean waits = !waiting.isEmpty();
        boolean warns =
                waits && !job.marks().contains(Mark.DELAY_TOLD) && world.random.nextInt(4) == 0;
        boolean holds = waits && world.random.nextInt(10) == 0;
        Instant next = world.clock.instant().plusSeconds(world.random.nextInt(200));
        Optional<Owed> bounce = failed ? Optional.of(report()) : Optional.empty();
        Optional<Owed> warning = warns ? Optional.of(report()) : Optional.empty();
        Settling settling = new Settling(owed, bounce);
        ended.forEach(it -> it.ends.add(settling));
        node.settling.merge(job.message(), 1, Integer::sum);
        List<Settlement.Report> reports = new ArrayList<>();
        bounce.ifPresent(it -> reports.add(report(it)));
        warning.ifPresent(it -> reports.add(report(it)));
        node.queue
                .settle(
                        job,
                        new Settlement(
                                outcomes,
                                waits ? Optional.of(next) : Optional.empty(),
                                holds ? Optional.of("a test") : Optional.empty(),
                                warns ? Set.of(Mark.DELAY_TOLD) : Set.of(),
                                reports))
                .whenComplete(
                        (settled, failure) -> {
                            node.settling.computeIfPresent(
                                    job.message(), (_, n) -> n == 1 ? null : n - 1);
                            if (failure != null || settled.reports().size() != reports.size()) {
                                return;
                            }
                            settling.acknowledged = true;
                            owed.finished += settled.finished() ? 1 : 0;
                            bounce.ifPresent(it -> it.acknowledged = true);
                            warning.ifPresent(
                                    it -> {
                                        it.acknowledged = true;
                                        assertThat(waiting).as("told once").noneMatch(c -> c.told);
                                        waiting.forEach(course -> course.told = true);
                                    });
                            if (node.log.owns()) {
                                waiting.forEach(course -> course.waits(next, holds));
                            }
                        });
    }

    private Owed report() {
        Sample sample =
                new Sample(
                        world.token("b"),
                        world.random.nextInt(40),
                        false,
                        "mona@" + world.destination());
        return world.ledger.add(sample, sample.submission());
    }

    private static Settlement.Report report(Owed report) {
        return new Settlement.Report(report.submission, ByteBuffer.wrap(report.sample.body()));
    }
}
