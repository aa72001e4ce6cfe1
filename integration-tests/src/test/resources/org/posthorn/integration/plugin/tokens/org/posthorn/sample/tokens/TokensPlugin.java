package org.posthorn.sample.tokens;

import org.posthorn.api.auth.AuthAnswer;
import org.posthorn.api.auth.Credentials;
import org.posthorn.api.auth.Identity;
import org.posthorn.api.auth.SenderPattern;
import org.posthorn.api.auth.Tokens;
import org.posthorn.api.plugin.Hooks;
import org.posthorn.api.plugin.Plugin;
import org.posthorn.api.plugin.PluginContext;
import org.posthorn.api.plugin.Session;
import org.posthorn.api.plugin.SessionHooks;

import java.util.List;

/// Knows one user, by a token.
public final class TokensPlugin implements Plugin<TokensPlugin.Settings> {
    /// Who, and what the token is.
    public record Settings(String user, String token) {}

    @Override
    public String name() {
        return "tokens";
    }

    @Override
    public Class<Settings> settings() {
        return Settings.class;
    }

    @Override
    public Hooks start(Settings settings, PluginContext context) {
        var identity = new Identity(settings.user(), List.of(SenderPattern.parse(settings.user())));
        Tokens tokens =
                (_, name, token) ->
                        name.orElse("").equals(settings.user()) && token.equals(settings.token())
                                ? new AuthAnswer.Identified(identity)
                                : AuthAnswer.REFUSED;
        return new Hooks() {
            @Override
            public SessionHooks join(Session session) {
                return new SessionHooks() {};
            }

            @Override
            public List<Credentials> credentials() {
                return List.of(tokens);
            }
        };
    }
}
