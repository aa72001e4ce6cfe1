package org.posthorn.testkit;

import org.posthorn.api.intake.RetryRequests;
import org.posthorn.api.mail.Domain;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.plugin.Hooks;
import org.posthorn.api.plugin.Session;
import org.posthorn.api.plugin.SessionHooks;
import org.posthorn.api.plugin.Transaction;
import org.posthorn.api.plugin.Verdict;
import org.posthorn.smtp.EventLoops;
import org.posthorn.smtp.server.AuthConfig;
import org.posthorn.smtp.server.ConfiguredPlugin;
import org.posthorn.smtp.server.FailurePolicy;
import org.posthorn.smtp.server.HookChain;
import org.posthorn.smtp.server.ListenerConfig;
import org.posthorn.smtp.server.MessageLimits;
import org.posthorn.smtp.server.SmtpExtensions;
import org.posthorn.smtp.server.SmtpLimits;
import org.posthorn.smtp.server.SmtpServer;
import org.posthorn.smtp.server.SmtpSettings;
import org.posthorn.testkit.dialogue.MemoryPeer;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/// Sessions of a plugin's hooks with the server's real engine around them, in memory.
///
/// ```java
/// var session = Sessions.of(hooks).from("192.0.2.1");
/// assertThat(session.mail("mona@example.org")).isEqualTo(Verdict.NO_OPINION);
/// ```
///
/// Recipients that the plugin has no opinion about are vouched for behind it. Hooks run on the
/// test's own thread.
public final class Sessions {
    /// A session in memory has no thread of its own; none of these is ever started.
    private static final EventLoops UNUSED = EventLoops.startNio(1);

    private final SmtpServer server;
    private final Witness witness;
    private final RecordingIntake intake = new RecordingIntake();

    private Sessions(Hooks hooks) {
        witness = new Witness(hooks);
        var listener =
                ListenerConfig.of(
                        "127.0.0.1", 0, ListenerConfig.Kind.SMTP, ListenerConfig.Tls.NONE);
        server =
                new SmtpServer(
                        new SmtpSettings(
                                new Domain.Name("mx.example.org"),
                                Map.of("smtp", listener),
                                SmtpLimits.DEFAULT,
                                MessageLimits.DEFAULT,
                                SmtpExtensions.DEFAULT,
                                AuthConfig.DEFAULT),
                        Optional.empty(),
                        new HookChain(
                                List.of(plugin("tested", witness), plugin("last", new Voucher()))),
                        intake,
                        RetryRequests.NONE,
                        _ -> {},
                        ManualClock.atNoon(),
                        UNUSED,
                        new Random(1));
    }

    private static ConfiguredPlugin plugin(String name, Hooks hooks) {
        return new ConfiguredPlugin(name, hooks, Duration.ofSeconds(10), FailurePolicy.TEMPFAIL);
    }

    /// Tries hooks out.
    public static Sessions of(Hooks hooks) {
        return new Sessions(hooks);
    }

    /// Connects from an address.
    ///
    /// @param client an IPv4 or IPv6 address
    public PluginSession from(String client) {
        return new PluginSession(new MemoryPeer(server, "smtp", client), witness, intake);
    }

    /// Vouches for everybody.
    private static final class Voucher implements Hooks {
        @Override
        public SessionHooks join(Session session) {
            return new SessionHooks() {
                @Override
                public Verdict rcpt(Transaction transaction, Recipient recipient) {
                    return Verdict.ACCEPT;
                }
            };
        }

        @Override
        public boolean mayBlock() {
            return false;
        }
    }
}
