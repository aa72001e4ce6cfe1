package org.posthorn.smtp.server;

import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.HeaderField;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.mail.ReversePath;
import org.posthorn.api.plugin.Session;
import org.posthorn.api.plugin.Transaction;

import java.util.List;
import java.util.Map;

/// A transaction as one plugin sees and edits it during one hook.
///
/// The edits become the session's only when the hook has returned in time: what a stuck plugin does
/// later is seen by nobody.
final class TransactionView implements Transaction {
    private static final int MAX_FACT = 1024;

    private final Session session;
    private final String plugin;
    private OpenTransaction now;

    TransactionView(Session session, String plugin, OpenTransaction now) {
        this.session = session;
        this.plugin = plugin;
        this.now = now;
    }

    /// Returns the transaction with all edits.
    OpenTransaction edited() {
        return now;
    }

    @Override
    public Session session() {
        return session;
    }

    @Override
    public Envelope envelope() {
        return now.finalEnvelope();
    }

    @Override
    public void sender(ReversePath sender) {
        Envelope old = now.envelope();
        note("sender " + sender);
        now = now.with(new Envelope(sender, old.parameters(), old.recipients()));
    }

    @Override
    public void recipients(List<Recipient> recipients) {
        Envelope old = now.envelope();
        note("recipients " + recipients.stream().map(Recipient::mailbox).toList());
        now = now.with(new Envelope(old.sender(), old.parameters(), recipients));
    }

    @Override
    public void addHeader(HeaderField field) {
        HeaderSection.requireValid(field);
        note("adds " + field.name());
        now = now.with(now.edits().adding(field));
    }

    @Override
    public void removeHeaders(String name) {
        note("removes " + name);
        now = now.with(now.edits().removing(name));
    }

    @Override
    public Map<String, String> metadata() {
        return now.edits().metadata();
    }

    @Override
    public void metadata(String key, String value) {
        if (key.isEmpty() || key.length() > MAX_FACT || value.length() > MAX_FACT) {
            throw new IllegalArgumentException(
                    "a fact has a key and a value of at most " + MAX_FACT + " characters");
        }
        now = now.with(now.edits().fact(key, value));
    }

    @Override
    public double score() {
        return now.edits().score();
    }

    @Override
    public void score(double points, String reason) {
        note("scores " + points + " for " + reason);
        now = now.with(now.edits().scoring(points));
    }

    private void note(String what) {
        now = now.with(now.edits().noted(plugin, what));
    }
}
