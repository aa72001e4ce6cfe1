package org.posthorn.smtp.server;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;

/// A call into a plugin that may block: on a virtual thread of its own, within a time budget.
///
/// @param answer what it returned or threw, or a [TimeoutException] when its time was over; always
///     completed on the event loop
/// @param end done when the thread has left the plugin, on that thread
record BoundedCall<T>(CompletableFuture<T> answer, CompletableFuture<T> end) {

    /// Starts a call. When its time is over, it is interrupted and no longer waited for.
    ///
    /// @param stuck counts calls that go on though their time is over
    static <T> BoundedCall<T> start(
            Callable<T> call, Duration budget, EventExecutor loop, LongAdder stuck) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        CompletableFuture<T> end = new CompletableFuture<>();
        AtomicReference<Phase> phase = new AtomicReference<>(Phase.IN_TIME);
        Runnable left =
                () -> {
                    if (!phase.compareAndSet(Phase.IN_TIME, Phase.OVER)) {
                        stuck.decrement();
                    }
                };
        Thread thread =
                Thread.ofVirtual().name("posthorn-plugin").unstarted(() -> run(call, left, end));
        Future<?> timer =
                loop.schedule(
                        () -> {
                            stuck.increment();
                            if (phase.compareAndSet(Phase.IN_TIME, Phase.STUCK)) {
                                overrun(budget, thread, answer);
                            } else {
                                stuck.decrement();
                            }
                        },
                        budget.toNanos(),
                        TimeUnit.NANOSECONDS);
        end.whenComplete((value, failure) -> hand(loop, timer, answer, value, failure));
        thread.start();
        return new BoundedCall<>(answer, end);
    }

    private enum Phase {
        IN_TIME,
        STUCK,
        OVER
    }

    private static <T> void run(Callable<T> call, Runnable left, CompletableFuture<T> end) {
        try {
            T value = call.call();
            left.run();
            end.complete(value);
        } catch (Throwable e) {
            left.run();
            end.completeExceptionally(e);
        }
    }

    private static <T> void hand(
            EventExecutor loop,
            Future<?> timer,
            CompletableFuture<T> answer,
            T value,
            Throwable failure) {
        try {
            loop.execute(
                    () -> {
                        timer.cancel(false);
                        if (failure == null) {
                            answer.complete(value);
                        } else {
                            answer.completeExceptionally(failure);
                        }
                    });
        } catch (RejectedExecutionException e) {
            // The server is stopping, and the session that asked is gone with its event loop.
            answer.cancel(false);
        }
    }

    private static <T> void overrun(Duration budget, Thread thread, CompletableFuture<T> answer) {
        thread.interrupt();
        answer.completeExceptionally(
                new TimeoutException("no answer within " + budget.toMillis() + " ms"));
    }
}
