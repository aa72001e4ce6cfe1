package org.posthorn.queue;

import org.posthorn.api.mail.MessageId;

import java.util.Optional;

/// An operator who does what is said to whole messages.
record Operator(Queue queue) {
    static final Operation.By BY = new Operation.By("op", "test");

    boolean retry(MessageId message) {
        return operate(message, new Operation.Retry()).isPresent();
    }

    boolean hold(MessageId message, String reason) {
        return operate(message, new Operation.Hold(reason)).isPresent();
    }

    boolean release(MessageId message) {
        return operate(message, new Operation.Release()).isPresent();
    }

    boolean delete(MessageId message) {
        return operate(message, new Operation.Delete()).isPresent();
    }

    Optional<Integer> operate(MessageId message, Operation operation) {
        return queue.operate(message, _ -> true, operation, BY);
    }
}
