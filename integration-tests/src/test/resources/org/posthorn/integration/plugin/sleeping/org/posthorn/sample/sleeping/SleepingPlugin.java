package org.posthorn.sample.sleeping;

import org.posthorn.api.mail.Recipient;
import org.posthorn.api.plugin.Hooks;
import org.posthorn.api.plugin.Plugin;
import org.posthorn.api.plugin.PluginContext;
import org.posthorn.api.plugin.SessionHooks;
import org.posthorn.api.plugin.Transaction;
import org.posthorn.api.plugin.Verdict;

import java.util.concurrent.locks.LockSupport;

/// Waits for ever on every recipient, whoever interrupts it.
public final class SleepingPlugin implements Plugin<SleepingPlugin.Settings> {
    /// Nothing to set.
    public record Settings() {}

    @Override
    public String name() {
        return "sleeping";
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
                        while (true) {
                            LockSupport.park();
                        }
                    }
                };
    }
}
