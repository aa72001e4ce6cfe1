package org.posthorn.queue;

import org.posthorn.api.mail.Domain;
import org.posthorn.api.mail.MessageId;
import org.posthorn.queue.Ledger.Owed;

import java.time.Duration;
import java.util.List;

/// Who meddles with the mail of a simulated queue.
record SimulatedOperators(SimulatedWorld world) {
    private static final int RECENT = 12;

    void operate(SimulatedNode node) {
        if (world.random.nextInt(8) == 0) {
            node.log.run();
            node.operation(node.queue::purge);
            return;
        }
        if (world.random.nextInt(8) == 0) {
            Domain domain = world.destination();
            node.log.run();
            world.ledger.meddle(domain);
            node.operation(() -> node.queue.retry(new Destination(domain)));
            return;
        }
        List<Owed> known = world.ledger.all();
        if (known.isEmpty()) {
            return;
        }
        Owed owed =
                known.get(known.size() - 1 - world.random.nextInt(Math.min(known.size(), RECENT)));
        if (owed.id.isEmpty() || node.settling.containsKey(owed.id.get())) {
            return;
        }
        MessageId id = owed.id.get();
        Operator operator = new Operator(node.queue);
        switch (world.random.nextInt(7)) {
            case 0 -> {
                owed.deleting = true;
                node.operation(() -> operator.delete(id)).ifPresent(_ -> owed.deleted = true);
            }
            case 1 -> {
                owed.meddle();
                owed.retried = true;
                node.operation(() -> operator.retry(id));
            }
            case 2 -> {
                owed.mayBeReleased = true;
                owed.meddle();
                node.operation(() -> operator.release(id));
            }
            case 3 -> {
                node.operation(() -> operator.hold(id, "a test"));
                world.clock.advance(Duration.ofSeconds(1));
                owed.mayBeReleased = true;
                owed.meddle();
                node.operation(() -> operator.release(id));
            }
            case 4 -> {
                owed.restoring = true;
                node.operation(() -> node.queue.restore(id, _ -> true, Operator.BY));
            }
            default ->
                    node.operation(() -> operator.hold(id, "a test"))
                            .ifPresent(_ -> owed.mayBeReleased = false);
        }
    }
}
