package org.posthorn.smtp.server;

import io.netty.util.concurrent.EventExecutor;

import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/// Results of other threads.
final class Later {
    private Later() {}

    /// Takes a result to a session's event loop. What is there already stays where it is.
    static <T> CompletableFuture<T> on(EventExecutor loop, CompletableFuture<T> result) {
        return result.isDone()
                ? result
                : result.handleAsync((_, _) -> result, loop).thenCompose(Function.identity());
    }
}
