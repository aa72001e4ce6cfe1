package org.posthorn.server.assembly;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;

/// Work that needs no other part, begun before the others are made: a start does not wait for the
/// disk with one processor while it wires with the other.
///
/// Safe for use by many threads.
final class Ahead<T> {
    private final FutureTask<T> work;

    private Ahead(FutureTask<T> work) {
        this.work = work;
    }

    /// Begins.
    static <T> Ahead<T> begin(String name, Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        Thread.ofPlatform().daemon().name(name).start(task);
        return new Ahead<>(task);
    }

    /// Waits for the end of the work, and gives the result to somebody, if there is one.
    void whenDone(Consumer<T> taker) throws InterruptedException {
        try {
            taker.accept(work.get());
        } catch (ExecutionException _) {
            // Whoever asked for the result was told.
        }
    }

    /// Waits for the result.
    ///
    /// @throws IOException what the work threw
    T result() throws IOException {
        try {
            return work.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException expected -> throw expected;
                case RuntimeException mistake -> throw mistake;
                case null, default -> throw new IllegalStateException(e);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while starting", e);
        }
    }
}
