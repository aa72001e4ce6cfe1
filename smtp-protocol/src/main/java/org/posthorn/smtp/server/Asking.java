package org.posthorn.smtp.server;

import io.netty.util.concurrent.EventExecutor;

import org.jspecify.annotations.Nullable;
import org.posthorn.api.plugin.Verdict;
import org.posthorn.api.plugin.Verdict.Accept;
import org.posthorn.api.plugin.Verdict.DeferIfPermit;
import org.posthorn.api.plugin.Verdict.DeferIfReject;
import org.posthorn.api.plugin.Verdict.Delay;
import org.posthorn.api.plugin.Verdict.Discard;
import org.posthorn.api.plugin.Verdict.Hold;
import org.posthorn.api.plugin.Verdict.NoOpinion;
import org.posthorn.api.plugin.Verdict.Quarantine;
import org.posthorn.api.plugin.Verdict.Redirect;
import org.posthorn.api.plugin.Verdict.Reject;
import org.posthorn.api.plugin.Verdict.RejectAndClose;
import org.posthorn.smtp.server.Ruling.Passed;
import org.posthorn.smtp.server.Ruling.Refused;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/// One command put to the plugins, one after the other, until one decides. Confined to the
/// session's event loop.
final class Asking {
    private static final Duration MAX_DELAY = Duration.ofSeconds(60);

    private final SessionPlugins plugins;
    private final Hook hook;
    private final SessionPlugins.Question question;
    private final Ruling own;
    private final CompletableFuture<Answer> answer = new CompletableFuture<>();
    private OpenTransaction transaction;
    private int next;
    private Duration delay = Duration.ZERO;
    private @Nullable Refused ifPermitted;
    private @Nullable Refused ifRejected;

    /// What came of it.
    ///
    /// @param ruling whether the command passes
    /// @param transaction the transaction with all edits
    record Answer(Ruling ruling, OpenTransaction transaction) {}

    /// @param own the server's own rule, when no plugin decides
    Asking(
            SessionPlugins plugins,
            Hook hook,
            SessionPlugins.Question question,
            OpenTransaction transaction,
            Ruling own) {
        this.plugins = plugins;
        this.hook = hook;
        this.question = question;
        this.transaction = transaction;
        this.own = own;
    }

    /// Begins.
    CompletableFuture<Answer> start() {
        advance();
        return answer;
    }

    private void advance() {
        while (next < plugins.joined().size() && !plugins.over()) {
            JoinedPlugin plugin = plugins.joined().get(next++);
            if (!plugin.hears(hook)) {
                continue;
            }
            TransactionView view =
                    new TransactionView(plugins.session(), plugin.plugin().name(), transaction);
            CompletableFuture<Verdict> verdict = plugin.ask(hooks -> question.put(hooks, view));
            if (!verdict.isDone()) {
                verdict.whenComplete((it, failure) -> resume(plugin, view, it, failure));
                return;
            }
            if (concluded(plugin, view, verdict)) {
                return;
            }
        }
        finish(own);
    }

    private boolean concluded(
            JoinedPlugin plugin, TransactionView view, CompletableFuture<Verdict> verdict) {
        return verdict.handle((it, failure) -> concluded(plugin, view, it, failure)).join();
    }

    private void resume(
            JoinedPlugin plugin,
            TransactionView view,
            @Nullable Verdict verdict,
            @Nullable Throwable failure) {
        if (!concluded(plugin, view, verdict, failure)) {
            advance();
        }
    }

    /// Tells whether this verdict ends the asking.
    private boolean concluded(
            JoinedPlugin plugin,
            TransactionView view,
            @Nullable Verdict verdict,
            @Nullable Throwable failure) {
        String name = plugin.plugin().name();
        Throwable why = failure == null ? misfit(verdict) : failure;
        if (verdict == null || why != null) {
            return failed(plugin, why == null ? new IllegalStateException("no verdict") : why);
        }
        transaction = view.edited();
        return switch (verdict) {
            case NoOpinion _ -> false;
            case Accept _ -> finish(Ruling.PASSED);
            case Reject(var reply) -> finish(new Refused(reply, false, Optional.of(name)));
            case RejectAndClose(var reply) -> finish(new Refused(reply, true, Optional.of(name)));
            case Discard(var reason) -> dispose(transaction.fate().discarded(name, reason));
            case Hold(var reason) -> dispose(transaction.fate().held(name + ": " + reason));
            case Quarantine(var reason) ->
                    dispose(transaction.fate().held("quarantine by " + name + ": " + reason));
            case Redirect(var to) -> dispose(transaction.fate().redirected(to));
            case Delay(var time) -> {
                Duration sum = delay.plus(time);
                delay = sum.compareTo(MAX_DELAY) < 0 ? sum : MAX_DELAY;
                yield false;
            }
            case DeferIfPermit(var reply) -> {
                ifPermitted =
                        ifPermitted == null
                                ? new Refused(reply, false, Optional.of(name))
                                : ifPermitted;
                yield false;
            }
            case DeferIfReject(var reply) -> {
                ifRejected =
                        ifRejected == null
                                ? new Refused(reply, false, Optional.of(name))
                                : ifRejected;
                yield false;
            }
        };
    }

    /// Some verdicts are about a message, and mean nothing before there is one, or for one of its
    /// recipients alone.
    private @Nullable Throwable misfit(@Nullable Verdict verdict) {
        boolean early = hook == Hook.CONNECT || hook == Hook.EHLO;
        boolean ofMessages =
                verdict instanceof Discard
                        || verdict instanceof Hold
                        || verdict instanceof Quarantine
                        || verdict instanceof Redirect;
        if (early && ofMessages) {
            return new IllegalStateException("Not before MAIL: " + verdict);
        }
        return hook == Hook.MESSAGE_FOR && ofMessages
                ? new IllegalStateException("Not for one recipient alone: " + verdict)
                : null;
    }

    private boolean failed(JoinedPlugin plugin, Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure;
        plugins.tellFailure(plugin, hook, cause);
        Optional<String> name = Optional.of(plugin.plugin().name());
        return switch (plugin.plugin().onFailure()) {
            case IGNORE -> false;
            case REJECT -> finish(new Refused(Replies.LOCAL_REFUSAL, false, name));
            case TEMPFAIL ->
                    finish(
                            new Refused(
                                    hook == Hook.CONNECT
                                            ? Replies.LOCAL_ERROR_CLOSING
                                            : Replies.LOCAL_ERROR,
                                    false,
                                    name));
        };
    }

    private boolean dispose(Fate fate) {
        transaction = transaction.with(fate);
        return finish(Ruling.PASSED);
    }

    private boolean finish(Ruling ruling) {
        Answer last = new Answer(deferred(ruling), transaction);
        if (delay.isZero()) {
            answer.complete(last);
        } else {
            EventExecutor loop = plugins.loop();
            loop.schedule(() -> answer.complete(last), delay.toNanos(), TimeUnit.NANOSECONDS);
        }
        return true;
    }

    private Ruling deferred(Ruling ruling) {
        return switch (ruling) {
            case Passed _ when ifPermitted != null -> ifPermitted;
            case Refused refused when ifRejected != null && refused.reply().isPermanent() ->
                    new Refused(ifRejected.reply(), refused.close(), ifRejected.plugin());
            case Passed _, Refused _ -> ruling;
        };
    }
}
