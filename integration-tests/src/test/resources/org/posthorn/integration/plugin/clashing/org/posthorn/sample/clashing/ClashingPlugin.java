package org.posthorn.sample.clashing;

import org.apache.commons.io.IOUtils;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.plugin.Hooks;
import org.posthorn.api.plugin.Plugin;
import org.posthorn.api.plugin.PluginContext;
import org.posthorn.api.plugin.SessionHooks;
import org.posthorn.api.plugin.Transaction;
import org.posthorn.api.plugin.Verdict;

/// Refuses every recipient, and says which commons-io it works with.
public final class ClashingPlugin implements Plugin<ClashingPlugin.Settings> {
    /// Nothing to set.
    public record Settings() {}

    @Override
    public String name() {
        return "clashing";
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
                        return Verdict.reject(550, "5.7.1", "commons-io is " + version());
                    }
                };
    }

    /// `ThreadUtils` came with 2.12.
    private static String version() {
        ClassLoader loader = IOUtils.class.getClassLoader();
        boolean recent = loader.getResource("org/apache/commons/io/ThreadUtils.class") != null;
        return recent ? "2.12 or later" : "older than 2.12";
    }
}
