package org.posthorn.smtp.server;

import io.netty.util.concurrent.EventExecutor;

import org.posthorn.api.event.MailEvent;
import org.posthorn.api.event.MailObserver;
import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.Parameters;
import org.posthorn.api.mail.ReversePath;
import org.posthorn.api.plugin.CloseReason;
import org.posthorn.api.plugin.Session;
import org.posthorn.api.plugin.SessionHooks;
import org.posthorn.api.plugin.Verdict;
import org.posthorn.smtp.server.Asking.Answer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;

/// All plugins' parts in one session. Confined to the session's event loop.
final class SessionPlugins {
    private static final Logger LOG = LoggerFactory.getLogger(SessionPlugins.class);
    private static final OpenTransaction NO_TRANSACTION =
            OpenTransaction.begin(Envelope.from(ReversePath.NULL, Parameters.NONE), 0, false);

    private final Session session;
    private final HookChain chain;
    private List<JoinedPlugin> joined;
    private final EventExecutor loop;
    private final MailObserver observer;
    private final InstantSource clock;
    private boolean over;

    SessionPlugins(
            Session session,
            HookChain chain,
            EventExecutor loop,
            MailObserver observer,
            InstantSource clock) {
        this.session = session;
        this.loop = loop;
        this.observer = observer;
        this.clock = clock;
        this.chain = chain;
        this.joined = chain.join(loop);
    }

    Session session() {
        return session;
    }

    List<JoinedPlugin> joined() {
        return joined;
    }

    EventExecutor loop() {
        return loop;
    }

    /// Tells whether the session has ended: then nothing more is asked.
    boolean over() {
        return over;
    }

    /// Has all plugins join, one after the other. A plugin that fails at it will fail at every
    /// question, too, and is told of then. One whose turn comes after the session's end has no part
    /// in it.
    CompletableFuture<Boolean> join() {
        CompletableFuture<Boolean> all = CompletableFuture.completedFuture(true);
        for (JoinedPlugin plugin : joined) {
            all =
                    all.thenCompose(
                            _ ->
                                    over
                                            ? CompletableFuture.completedFuture(false)
                                            : plugin.join(session));
        }
        return all;
    }

    /// Tells whether any plugin is to be asked by a hook.
    boolean hear(Hook hook) {
        for (JoinedPlugin plugin : joined) {
            if (plugin.hears(hook)) {
                return true;
            }
        }
        return false;
    }

    /// Puts a question that is not about a message.
    CompletableFuture<Answer> ask(Hook hook, Question question) {
        return ask(hook, question, NO_TRANSACTION, Ruling.PASSED);
    }

    /// Puts a question.
    ///
    /// @param own the server's own rule, when no plugin decides
    CompletableFuture<Answer> ask(
            Hook hook, Question question, OpenTransaction transaction, Ruling own) {
        return hear(hook)
                ? new Asking(this, hook, question, transaction, own).start()
                : CompletableFuture.completedFuture(new Answer(own, transaction));
    }

    /// Has all plugins leave, as if the client had, to join anew for another one.
    void renew() {
        close(CloseReason.QUIT);
        over = false;
        joined = chain.join(loop);
    }

    /// Tells all plugins that the session is over.
    void close(CloseReason reason) {
        over = true;
        for (JoinedPlugin plugin : joined) {
            plugin.close(reason)
                    .whenComplete(
                            (_, failure) -> {
                                if (failure != null) {
                                    closeFailed(plugin, failure);
                                }
                            });
        }
    }

    private void closeFailed(JoinedPlugin plugin, Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        // A session that outlives its event loop has nobody to tell.
        if (cause != null && plugin.hasJoined() && !(cause instanceof CancellationException)) {
            tellFailure(plugin, Hook.CLOSE, cause);
        }
    }

    /// Tells operator and developer that a plugin threw or overran.
    void tellFailure(JoinedPlugin plugin, Hook hook, Throwable failure) {
        String name = plugin.plugin().name();
        if (failure instanceof TimeoutException) {
            LOG.warn("plugin {} in hook {}: {}", name, hook.method(), failure.getMessage());
        } else {
            LOG.warn("plugin {} failed in hook {}", name, hook.method(), failure);
        }
        observer.tell(
                new MailEvent.PluginFailed(
                        clock.instant(), session.id(), name, hook.method(), failure.toString()));
    }

    /// A question to one plugin.
    interface Question {
        /// Puts it.
        ///
        /// @param transaction for the hooks that are about one
        Verdict put(SessionHooks hooks, TransactionView transaction);
    }
}
