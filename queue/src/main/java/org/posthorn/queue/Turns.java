package org.posthorn.queue;

import org.posthorn.queue.state.MessageKey;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/// Lets changes of one message happen one after the other: each reads what the one before has
/// written. Safe for use by many threads.
final class Turns {
    private final Map<MessageKey, Queue<Runnable>> waiting = new HashMap<>();

    /// Runs a change when it is the message's turn: now, on this thread, if there is no other.
    <T> CompletableFuture<T> take(MessageKey message, Supplier<CompletionStage<T>> change) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Runnable turn = () -> run(message, change, result);
        synchronized (waiting) {
            Queue<Runnable> others = waiting.get(message);
            if (others != null) {
                others.add(turn);
                return result;
            }
            waiting.put(message, new ArrayDeque<>(0));
        }
        turn.run();
        return result;
    }

    private <T> void run(
            MessageKey message, Supplier<CompletionStage<T>> change, CompletableFuture<T> result) {
        CompletionStage<T> changed;
        try {
            changed = change.get();
        } catch (RuntimeException e) {
            changed = CompletableFuture.failedStage(e);
        }
        changed.whenComplete(
                (value, failure) -> {
                    next(message);
                    if (failure == null) {
                        result.complete(value);
                    } else {
                        result.completeExceptionally(Failures.cause(failure));
                    }
                });
    }

    private void next(MessageKey message) {
        Runnable turn;
        synchronized (waiting) {
            Queue<Runnable> others = Objects.requireNonNull(waiting.get(message));
            turn = others.poll();
            if (turn == null) {
                waiting.remove(message);
            }
        }
        if (turn != null) {
            turn.run();
        }
    }
}
