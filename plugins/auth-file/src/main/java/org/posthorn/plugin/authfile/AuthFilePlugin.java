package org.posthorn.plugin.authfile;

import org.posthorn.api.auth.Credentials;
import org.posthorn.api.plugin.Hooks;
import org.posthorn.api.plugin.Plugin;
import org.posthorn.api.plugin.PluginContext;
import org.posthorn.api.plugin.Session;
import org.posthorn.api.plugin.SessionHooks;

import java.io.IOException;
import java.util.List;

/// Knows clients by a file of accounts, read again when it changes.
public final class AuthFilePlugin implements Plugin<AuthFileSettings> {

    /// Makes the provider.
    public AuthFilePlugin() {}

    @Override
    public String name() {
        return "auth-file";
    }

    @Override
    public Class<AuthFileSettings> settings() {
        return AuthFileSettings.class;
    }

    @Override
    public Hooks start(AuthFileSettings settings, PluginContext context) throws IOException {
        var accounts = new FileAccounts(settings.file(), context.log());
        return new AuthFile(List.of(accounts, accounts.certificates()));
    }

    /// One configured instance, which takes no part in sessions.
    private record AuthFile(List<Credentials> credentials) implements Hooks {
        private static final SessionHooks NONE = new SessionHooks() {};

        @Override
        public SessionHooks join(Session session) {
            return NONE;
        }

        @Override
        public boolean mayBlock() {
            return false;
        }
    }
}
