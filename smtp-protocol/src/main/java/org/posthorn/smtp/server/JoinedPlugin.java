package org.posthorn.smtp.server;

import io.netty.util.concurrent.EventExecutor;

import org.jspecify.annotations.Nullable;
import org.posthorn.api.plugin.CloseReason;
import org.posthorn.api.plugin.Session;
import org.posthorn.api.plugin.SessionHooks;

import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/// One plugin's part in one session. Confined to the session's event loop, from where it calls the
/// plugin there or, when that may block, on a virtual thread.
final class JoinedPlugin {
    private static final CompletableFuture<Boolean> DONE = CompletableFuture.completedFuture(true);

    private final ConfiguredPlugin plugin;
    private final EventExecutor loop;
    private final LongAdder stuck;
    private @Nullable SessionHooks hooks;
    private int overridden;
    private CompletableFuture<?> running = DONE;

    /// Why there are no hooks.
    private @Nullable Throwable absence;

    /// What the plugin joined with, however late.
    private CompletableFuture<SessionHooks> joined = new CompletableFuture<>();

    JoinedPlugin(ConfiguredPlugin plugin, EventExecutor loop, LongAdder stuck) {
        this.plugin = plugin;
        this.loop = loop;
        this.stuck = stuck;
    }

    ConfiguredPlugin plugin() {
        return plugin;
    }

    /// Has the plugin join the session. When it throws or overruns, every question fails for that.
    ///
    /// @return done when it has joined, or failed to; never failed
    CompletableFuture<Boolean> join(Session session) {
        return call(() -> Objects.requireNonNull(plugin.hooks().join(session)), this::joining)
                .handle(this::joined);
    }

    private void joining(CompletableFuture<SessionHooks> end) {
        joined = end;
    }

    private boolean joined(@Nullable SessionHooks answer, @Nullable Throwable failure) {
        if (answer != null) {
            hooks = answer;
            overridden = Hook.overridden(answer);
        } else if (failure != null) {
            absence = failure;
        }
        return answer != null;
    }

    /// Tells whether it has joined, in time.
    boolean hasJoined() {
        return hooks != null;
    }

    /// Tells whether the plugin is to be asked by a hook: it is also when it could not join, to
    /// fail.
    boolean hears(Hook hook) {
        return hooks == null || (overridden & hook.bit()) != 0;
    }

    /// Calls the plugin.
    ///
    /// @return what it answers; failed when it throws, overruns, has overrun before and still does,
    ///     or has not joined
    <T> CompletableFuture<T> ask(Question<T> question) {
        SessionHooks asked = hooks;
        if (asked == null) {
            return CompletableFuture.failedFuture(
                    absence != null ? absence : new IllegalStateException("has not joined yet"));
        }
        return call(() -> question.put(asked), _ -> {});
    }

    /// Ends the plugin's part, once a call that may still run has returned.
    ///
    /// @return failed when the plugin throws or overruns
    CompletableFuture<Boolean> close(CloseReason reason) {
        return joined.thenCombine(running.handle((_, _) -> true), (closed, _) -> closed)
                .thenCompose(closed -> close(closed, reason));
    }

    private CompletableFuture<Boolean> close(SessionHooks closed, CloseReason reason) {
        if ((Hook.overridden(closed) & Hook.CLOSE.bit()) == 0) {
            return DONE;
        }
        return call(
                () -> {
                    closed.close(reason);
                    return true;
                },
                _ -> {});
    }

    private <T> CompletableFuture<T> call(Callable<T> call, Consumer<CompletableFuture<T>> end) {
        if (!plugin.hooks().mayBlock()) {
            CompletableFuture<T> answer = callHere(call);
            end.accept(answer);
            return answer;
        }
        if (!running.isDone()) {
            return CompletableFuture.failedFuture(
                    new TimeoutException("an earlier call has not returned yet"));
        }
        BoundedCall<T> bounded = BoundedCall.start(call, plugin.timeout(), loop, stuck);
        running = bounded.end();
        end.accept(bounded.end());
        return bounded.answer();
    }

    private static <T> CompletableFuture<T> callHere(Callable<T> call) {
        try {
            return CompletableFuture.completedFuture(call.call());
        } catch (Throwable e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /// A question to a session's hooks.
    interface Question<T> {
        /// Puts it.
        ///
        /// @throws Exception whatever a plugin throws
        T put(SessionHooks hooks) throws Exception;
    }
}
