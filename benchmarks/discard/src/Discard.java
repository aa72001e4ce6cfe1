package discard;

import org.posthorn.api.mail.Parameters;
import org.posthorn.api.mail.ReversePath;
import org.posthorn.api.plugin.Hooks;
import org.posthorn.api.plugin.Plugin;
import org.posthorn.api.plugin.PluginContext;
import org.posthorn.api.plugin.Session;
import org.posthorn.api.plugin.SessionHooks;
import org.posthorn.api.plugin.Transaction;
import org.posthorn.api.plugin.Verdict;

/// Throws all mail away, so that what is measured is the protocol alone.
public final class Discard implements Plugin<Discard.Settings> {
    private static final Verdict DISCARD = new Verdict.Discard("benchmark");

    /// There are none.
    public record Settings() {}

    @Override
    public String name() {
        return "discard";
    }

    @Override
    public Class<Settings> settings() {
        return Settings.class;
    }

    @Override
    public Hooks start(Settings settings, PluginContext context) {
        return new Hooks() {
            @Override
            public SessionHooks join(Session session) {
                return new SessionHooks() {
                    @Override
                    public Verdict mail(
                            Transaction transaction, ReversePath sender, Parameters parameters) {
                        return DISCARD;
                    }
                };
            }

            @Override
            public boolean mayBlock() {
                return false;
            }
        };
    }
}
