package org.posthorn.testkit;

import org.jspecify.annotations.Nullable;
import org.posthorn.api.mail.Parameters;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.mail.ReversePath;
import org.posthorn.api.plugin.CloseReason;
import org.posthorn.api.plugin.Hooks;
import org.posthorn.api.plugin.Message;
import org.posthorn.api.plugin.Session;
import org.posthorn.api.plugin.SessionHooks;
import org.posthorn.api.plugin.Transaction;
import org.posthorn.api.plugin.Verdict;

import java.util.Optional;
import java.util.function.Supplier;

/// Stands between the engine and the hooks that are tried out, and remembers what they answered.
final class Witness implements Hooks {
    private final Hooks tested;
    private @Nullable Verdict verdict;
    private @Nullable RuntimeException failure;

    Witness(Hooks tested) {
        this.tested = tested;
    }

    /// Returns what was answered since the last call of this method, or nothing when nothing was
    /// asked.
    ///
    /// @throws RuntimeException what the hook threw
    Optional<Verdict> take() {
        RuntimeException thrown = failure;
        Verdict answered = verdict;
        failure = null;
        verdict = null;
        if (thrown != null) {
            throw thrown;
        }
        return Optional.ofNullable(answered);
    }

    @Override
    public SessionHooks join(Session session) {
        SessionHooks hooks = tested.join(session);
        return new SessionHooks() {
            @Override
            public Verdict connect(Session facts) {
                return note(() -> hooks.connect(facts));
            }

            @Override
            public Verdict ehlo(Session facts, String name) {
                return note(() -> hooks.ehlo(facts, name));
            }

            @Override
            public Verdict mail(
                    Transaction transaction, ReversePath sender, Parameters parameters) {
                return note(() -> hooks.mail(transaction, sender, parameters));
            }

            @Override
            public Verdict rcpt(Transaction transaction, Recipient recipient) {
                return note(() -> hooks.rcpt(transaction, recipient));
            }

            @Override
            public Verdict data(Transaction transaction) {
                return note(() -> hooks.data(transaction));
            }

            @Override
            public Verdict message(Transaction transaction, Message message) {
                return note(() -> hooks.message(transaction, message));
            }

            @Override
            public void close(CloseReason reason) {
                hooks.close(reason);
            }
        };
    }

    private Verdict note(Supplier<Verdict> hook) {
        try {
            Verdict answered = hook.get();
            verdict = answered;
            return answered;
        } catch (RuntimeException e) {
            failure = e;
            throw e;
        }
    }

    @Override
    public boolean mayBlock() {
        return false;
    }

    @Override
    public void close() {
        tested.close();
    }
}
