package org.posthorn.sample.throwing;

import org.posthorn.api.mail.Recipient;
import org.posthorn.api.plugin.Hooks;
import org.posthorn.api.plugin.Plugin;
import org.posthorn.api.plugin.PluginContext;
import org.posthorn.api.plugin.SessionHooks;
import org.posthorn.api.plugin.Transaction;
import org.posthorn.api.plugin.Verdict;

/// Fails on every recipient.
public final class ThrowingPlugin implements Plugin<ThrowingPlugin.Settings> {
    /// Nothing to set.
    public record Settings() {}

    @Override
    public String name() {
        return "throwing";
    }

    @Override
    public Class<Settings> settings() {
        return Settings.class;
    }

    @Override
    public Hooks start(Settings settings, PluginContext context) {
        return session ->
                new SessionHooks() {
                    @Override
                    public Verdict rcpt(Transaction transaction, Recipient recipient) {
                        throw new IllegalStateException("out of order");
                    }
                };
    }
}
