package org.posthorn.plugin.authdovecot;

import org.posthorn.api.auth.Credentials;
import org.posthorn.api.plugin.Hooks;
import org.posthorn.api.plugin.Plugin;
import org.posthorn.api.plugin.PluginContext;
import org.posthorn.api.plugin.Session;
import org.posthorn.api.plugin.SessionHooks;

import java.util.List;

/// Knows clients by asking Dovecot, which leads the exchanges itself.
public final class AuthDovecotPlugin implements Plugin<AuthDovecotSettings> {

    /// Makes the provider.
    public AuthDovecotPlugin() {}

    @Override
    public String name() {
        return "auth-dovecot";
    }

    @Override
    public Class<AuthDovecotSettings> settings() {
        return AuthDovecotSettings.class;
    }

    @Override
    public Hooks start(AuthDovecotSettings settings, PluginContext context) {
        return new AuthDovecot(new DovecotExchanges(settings, context.log()));
    }

    /// One configured instance, which takes no part in sessions.
    private record AuthDovecot(DovecotExchanges exchanges) implements Hooks {
        private static final SessionHooks NONE = new SessionHooks() {};

        @Override
        public SessionHooks join(Session session) {
            return NONE;
        }

        @Override
        public boolean mayBlock() {
            return false;
        }

        @Override
        public List<Credentials> credentials() {
            return List.of(exchanges);
        }

        @Override
        public void close() {
            exchanges.close();
        }
    }
}
