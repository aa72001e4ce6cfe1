package org.posthorn.testkit.dialogue;

import org.posthorn.api.mail.Parameters;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.mail.ReversePath;
import org.posthorn.api.plugin.Hooks;
import org.posthorn.api.plugin.Message;
import org.posthorn.api.plugin.Session;
import org.posthorn.api.plugin.SessionHooks;
import org.posthorn.api.plugin.Transaction;
import org.posthorn.api.plugin.Verdict;

import java.util.function.Supplier;

/// Hooks of one line each.
record TestHooks(boolean mayBlock, Supplier<SessionHooks> session) implements Hooks {
    static TestHooks quick(SessionHooks hooks) {
        return new TestHooks(false, () -> hooks);
    }

    static TestHooks blocking(SessionHooks hooks) {
        return new TestHooks(true, () -> hooks);
    }

    @Override
    public SessionHooks join(Session facts) {
        return session.get();
    }

    interface Connect extends SessionHooks {
        @Override
        Verdict connect(Session session);
    }

    interface Ehlo extends SessionHooks {
        @Override
        Verdict ehlo(Session session, String name);
    }

    interface Mail extends SessionHooks {
        @Override
        Verdict mail(Transaction transaction, ReversePath sender, Parameters parameters);
    }

    interface Rcpt extends SessionHooks {
        @Override
        Verdict rcpt(Transaction transaction, Recipient recipient);
    }

    interface Data extends SessionHooks {
        @Override
        Verdict data(Transaction transaction);
    }

    interface OnMessage extends SessionHooks {
        @Override
        Verdict message(Transaction transaction, Message message);
    }

    interface ForOne extends SessionHooks {
        @Override
        Verdict messageFor(Transaction transaction, Recipient recipient, Message message);
    }
}
