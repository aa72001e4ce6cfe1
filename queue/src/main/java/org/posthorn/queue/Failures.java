package org.posthorn.queue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/// Keeps failures of stages as they were thrown: a chain wraps them, and callers ask for their
/// type.
final class Failures {
    private Failures() {}

    /// Returns what was thrown.
    static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null
                ? cause(failure.getCause())
                : failure;
    }

    /// Waits for a change of the queue that somebody asked for.
    ///
    /// @throws UncheckedIOException when it was not written
    static <T> T await(CompletableFuture<T> change) {
        try {
            return change.join();
        } catch (CompletionException e) {
            throw new UncheckedIOException(
                    new IOException(
                            "the queue cannot be changed now: " + cause(e).getMessage(), e));
        }
    }

    /// Returns a stage that fails with what was thrown.
    static <T> CompletableFuture<T> direct(CompletionStage<T> stage) {
        CompletableFuture<T> direct = new CompletableFuture<>();
        stage.whenComplete(
                (value, failure) -> {
                    if (failure == null) {
                        direct.complete(value);
                    } else {
                        direct.completeExceptionally(cause(failure));
                    }
                });
        return direct;
    }
}
