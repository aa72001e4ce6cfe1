package org.posthorn.testkit.dialogue;

import org.posthorn.api.config.ByteSize;
import org.posthorn.api.event.MailObserver;
import org.posthorn.api.intake.Intake;
import org.posthorn.api.mail.Domain;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.plugin.Hooks;
import org.posthorn.api.plugin.Session;
import org.posthorn.api.plugin.SessionHooks;
import org.posthorn.api.plugin.Transaction;
import org.posthorn.api.plugin.Verdict;
import org.posthorn.smtp.EventLoops;
import org.posthorn.smtp.server.ConfiguredPlugin;
import org.posthorn.smtp.server.FailurePolicy;
import org.posthorn.smtp.server.HookChain;
import org.posthorn.smtp.server.ListenerConfig;
import org.posthorn.smtp.server.ListenerConfig.Kind;
import org.posthorn.smtp.server.ListenerConfig.Tls;
import org.posthorn.smtp.server.MessageLimits;
import org.posthorn.smtp.server.SmtpExtensions;
import org.posthorn.smtp.server.SmtpLimits;
import org.posthorn.smtp.server.SmtpServer;
import org.posthorn.smtp.server.SmtpSettings;
import org.posthorn.smtp.tls.ServerTls;
import org.posthorn.testkit.ManualClock;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Servers that the dialogues are written for: `mx.example.org`, which takes mail for `example.org`
/// alone.
final class TestServers {
    static final SmtpLimits SMALL_LIMITS =
            new SmtpLimits(100, 2, 512, 3, 4, Duration.ofMinutes(5), Duration.ofMinutes(3));
    static final MessageLimits SMALL_MESSAGES =
            new MessageLimits(new ByteSize(65_536), new ByteSize(4096), 998, 5);

    private TestServers() {}

    static SmtpServer usual(Intake intake, EventLoops loops) {
        return server(SmtpLimits.DEFAULT, MessageLimits.DEFAULT, Optional.empty(), intake, loops);
    }

    static SmtpServer small(Intake intake, EventLoops loops) {
        return server(SMALL_LIMITS, SMALL_MESSAGES, Optional.empty(), intake, loops);
    }

    static SmtpServer withTls(ServerTls tls, Intake intake, EventLoops loops) {
        return server(SmtpLimits.DEFAULT, MessageLimits.DEFAULT, Optional.of(tls), intake, loops);
    }

    private static SmtpServer server(
            SmtpLimits limits,
            MessageLimits message,
            Optional<ServerTls> tls,
            Intake intake,
            EventLoops loops) {
        HookChain hooks = new HookChain(List.of(plugin("relay", forDomain("example.org"))));
        return server(limits, message, tls, hooks, intake, _ -> {}, loops);
    }

    static SmtpServer server(
            SmtpLimits limits,
            MessageLimits message,
            Optional<ServerTls> tls,
            HookChain hooks,
            Intake intake,
            MailObserver observer,
            EventLoops loops) {
        var listeners =
                Map.of(
                        "smtp",
                        ListenerConfig.of("127.0.0.1", 0, Kind.SMTP, Tls.STARTTLS),
                        "plain",
                        ListenerConfig.of("127.0.0.1", 0, Kind.SMTP, Tls.NONE));
        return new SmtpServer(
                new SmtpSettings(
                        new Domain.Name("mx.example.org"),
                        listeners,
                        limits,
                        message,
                        SmtpExtensions.DEFAULT),
                tls,
                hooks,
                intake,
                observer,
                ManualClock.atNoon(),
                loops);
    }

    static ConfiguredPlugin plugin(String name, Hooks hooks) {
        return new ConfiguredPlugin(name, hooks, Duration.ofSeconds(5), FailurePolicy.TEMPFAIL);
    }

    /// Vouches for the recipients of one domain.
    static Hooks forDomain(String domain) {
        Domain known = new Domain.Name(domain);
        return new Hooks() {
            @Override
            public SessionHooks join(Session session) {
                return new SessionHooks() {
                    @Override
                    public Verdict rcpt(Transaction transaction, Recipient recipient) {
                        return recipient.mailbox().domain().equals(known)
                                ? Verdict.ACCEPT
                                : Verdict.NO_OPINION;
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
