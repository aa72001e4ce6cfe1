package org.posthorn.queue;

import org.posthorn.api.intake.QueueUnavailableException;
import org.posthorn.api.intake.Submission;
import org.posthorn.api.mail.Envelope;
import org.posthorn.queue.Ledger.Owed;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Optional;

/// Who sends mail to a simulated queue.
record SimulatedClients(SimulatedWorld world) {
    private static final int CROWD = 100;

    void begin(SimulatedNode node) {
        boolean large = world.random.nextInt(8) == 0;
        String[] recipients = new String[1 + world.random.nextInt(3)];
        for (int i = 0; i < recipients.length; i++) {
            recipients[i] = "r" + i + "@" + world.destination();
        }
        Sample sample =
                new Sample(
                        world.token("n"),
                        large ? 3000 + world.random.nextInt(9000) : world.random.nextInt(40),
                        world.random.nextInt(20) == 0,
                        String.join(",", recipients));
        try {
            SimulatedNode.Writing writing = new SimulatedNode.Writing(node.queue.begin(0), sample);
            if (large) {
                node.writing.add(writing);
            } else {
                writing.draft.write(writing.rest);
                commit(writing);
            }
        } catch (QueueUnavailableException _) {
            // The client is told to come again.
        }
    }

    /// A client sends more of a large message, or all is there, or it leaves.
    void goOn(SimulatedNode node) {
        if (node.writing.isEmpty()) {
            return;
        }
        SimulatedNode.Writing its = node.writing.get(world.random.nextInt(node.writing.size()));
        if (its.last.isCompletedExceptionally() || world.random.nextInt(20) == 0) {
            its.draft.close();
            node.writing.remove(its);
        } else if (its.last.isDone() && its.rest.hasRemaining()) {
            int length = Math.min(its.rest.remaining(), 1 + world.random.nextInt(5000));
            ByteBuffer part = its.rest.slice(its.rest.position(), length);
            its.rest.position(its.rest.position() + length);
            its.last = its.draft.write(part).toCompletableFuture();
        } else if (its.last.isDone()) {
            commit(its);
            node.writing.remove(its);
        }
    }

    /// Much comes at once for one destination: more than waits for its lanes in memory.
    void crowd(SimulatedNode node) {
        String recipient = "leo@" + world.destination();
        for (int i = 0; i < CROWD; i++) {
            Sample sample = new Sample(world.token("c"), 0, false, recipient);
            try {
                commit(new SimulatedNode.Writing(node.queue.begin(0), sample));
            } catch (QueueUnavailableException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private void commit(SimulatedNode.Writing writing) {
        Submission plain = writing.sample.submission();
        Envelope envelope = plain.envelope();
        Optional<Instant> notBefore =
                world.random.nextInt(4) == 0
                        ? Optional.of(world.clock.instant().plusSeconds(world.random.nextInt(100)))
                        : Optional.empty();
        int priority = world.random.nextInt(3) == 0 ? world.random.nextInt(-9, 10) : 0;
        Submission submission =
                new Submission(
                        new Envelope(
                                envelope.sender(),
                                envelope.parameters().with("MT-PRIORITY", "" + priority),
                                envelope.recipients()),
                        plain.header(),
                        plain.hold(),
                        plain.metadata(),
                        notBefore);
        Owed owed = world.ledger.add(writing.sample, submission);
        writing.draft
                .commit(submission)
                .whenComplete(
                        (id, failure) -> {
                            if (failure == null) {
                                owed.acknowledged = true;
                                owed.id = Optional.of(id);
                            }
                        });
    }
}
