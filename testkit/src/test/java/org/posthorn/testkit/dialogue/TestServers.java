package org.posthorn.testkit.dialogue;

import org.posthorn.api.auth.Account;
import org.posthorn.api.auth.Accounts;
import org.posthorn.api.auth.AuthAnswer;
import org.posthorn.api.auth.Certificates;
import org.posthorn.api.auth.Credentials;
import org.posthorn.api.auth.Identity;
import org.posthorn.api.auth.ScramHash;
import org.posthorn.api.auth.SenderPattern;
import org.posthorn.api.auth.Tokens;
import org.posthorn.api.config.ByteSize;
import org.posthorn.api.event.MailObserver;
import org.posthorn.api.intake.Intake;
import org.posthorn.api.mail.Domain;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.net.Network;
import org.posthorn.api.plugin.Hooks;
import org.posthorn.api.plugin.Session;
import org.posthorn.api.plugin.SessionHooks;
import org.posthorn.api.plugin.Transaction;
import org.posthorn.api.plugin.Verdict;
import org.posthorn.smtp.EventLoops;
import org.posthorn.smtp.sasl.Scram;
import org.posthorn.smtp.server.AuthConfig;
import org.posthorn.smtp.server.ConfiguredPlugin;
import org.posthorn.smtp.server.FailurePolicy;
import org.posthorn.smtp.server.HookChain;
import org.posthorn.smtp.server.ListenerConfig;
import org.posthorn.smtp.server.ListenerConfig.BareLineEnds;
import org.posthorn.smtp.server.ListenerConfig.Kind;
import org.posthorn.smtp.server.ListenerConfig.Tls;
import org.posthorn.smtp.server.MessageLimits;
import org.posthorn.smtp.server.ProxyProtocol;
import org.posthorn.smtp.server.SmtpExtensions;
import org.posthorn.smtp.server.SmtpLimits;
import org.posthorn.smtp.server.SmtpServer;
import org.posthorn.smtp.server.SmtpSettings;
import org.posthorn.smtp.tls.ServerTls;
import org.posthorn.testkit.ManualClock;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// Servers that the dialogues are written for: `mx.example.org`, which takes mail for `example.org`
/// alone.
final class TestServers {
    static final SmtpLimits SMALL_LIMITS =
            new SmtpLimits(100, 2, 512, 3, 4, Duration.ofMinutes(5), Duration.ofMinutes(3));
    static final MessageLimits SMALL_MESSAGES =
            new MessageLimits(new ByteSize(65_536), new ByteSize(4096), 998, 5);

    /// What these servers choose by chance is zeros, so that scripts know it.
    private static final RandomGenerator NO_CHANCE = () -> 0;

    private static final List<String> DISCARDED =
            List.of(
                    "SIZE",
                    "8BITMIME",
                    "CHUNKING",
                    "DSN",
                    "SMTPUTF8",
                    "PRDR",
                    "MT-PRIORITY",
                    "DELIVERBY",
                    "FUTURERELEASE",
                    "STARTTLS");

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
                        listener(),
                        "plain",
                        ListenerConfig.of("127.0.0.1", 0, Kind.SMTP, Tls.NONE),
                        "lmtp",
                        ListenerConfig.of("127.0.0.1", 0, Kind.LMTP, Tls.STARTTLS),
                        "normalise",
                        listener().with(BareLineEnds.NORMALISE, false),
                        "etrn",
                        listener().with(BareLineEnds.REJECT, true),
                        "plain-codes",
                        listener().discarding(List.of("ENHANCEDSTATUSCODES")),
                        "discard",
                        listener().discarding(DISCARDED));
        return new SmtpServer(
                new SmtpSettings(
                        new Domain.Name("mx.example.org"),
                        listeners,
                        limits,
                        message,
                        SmtpExtensions.DEFAULT,
                        AuthConfig.DEFAULT),
                tls,
                hooks,
                intake,
                TestServers::waiting,
                observer,
                ManualClock.atNoon(),
                loops,
                NO_CHANCE);
    }

    /// A server that knows its clients by what stands in front of it on this machine, or by their
    /// certificates; and tells them what it knows.
    static SmtpServer withOthersInFront(Intake intake, EventLoops loops) {
        List<Network> here = List.of(Network.parse("127.0.0.1"));
        var proxies = new ProxyProtocol(here);
        ListenerConfig smtp = ListenerConfig.of("127.0.0.1", 0, Kind.SMTP, Tls.NONE);
        ListenerConfig smtps = ListenerConfig.of("127.0.0.1", 0, Kind.SMTP, Tls.IMPLICIT);
        ListenerConfig external = smtps.with(TestTls.REQUEST).with(ListenerConfig.Auth.OFFERED);
        ListenerConfig trusted =
                smtp.trusting(ProxyProtocol.NONE, here, here).with(ListenerConfig.Auth.OFFERED);
        return with(
                Map.of(
                        "proxied", smtp.trusting(proxies, List.of(), List.of()),
                        "proxied-tls", smtps.trusting(proxies, List.of(), List.of()),
                        "trusted", trusted,
                        "external", external,
                        "external-stranger", external),
                SmtpLimits.DEFAULT,
                Optional.of(
                        TestTls.server(
                                smtp.clientPolicy(),
                                trusted.clientPolicy(),
                                external.clientPolicy())),
                intake,
                _ -> {},
                ManualClock.atNoon(),
                loops,
                plugin("facts", new Facts()),
                plugin("users", known(mona(), certificates())));
    }

    /// Takes mail from mona alone, whose password is `pencil`, and who may send as
    /// `mona@example.org`.
    static SmtpServer submission(
            Hooks users,
            AuthConfig auth,
            Intake intake,
            MailObserver observer,
            InstantSource clock,
            EventLoops loops) {
        return submission(users, auth, Optional.empty(), intake, observer, clock, loops);
    }

    static final ListenerConfig SUBMISSION =
            ListenerConfig.of("127.0.0.1", 0, Kind.SUBMISSION, Tls.STARTTLS);

    static SmtpServer submission(
            Hooks users,
            AuthConfig auth,
            Optional<ServerTls> tls,
            Intake intake,
            MailObserver observer,
            InstantSource clock,
            EventLoops loops) {
        return new SmtpServer(
                new SmtpSettings(
                        new Domain.Name("mx.example.org"),
                        Map.of(
                                "submission",
                                SUBMISSION,
                                "smtp",
                                ListenerConfig.of("127.0.0.1", 0, Kind.SMTP, Tls.STARTTLS)
                                        .with(ListenerConfig.Auth.OFFERED)),
                        SmtpLimits.DEFAULT,
                        MessageLimits.DEFAULT,
                        SmtpExtensions.DEFAULT,
                        auth),
                tls,
                new HookChain(
                        List.of(
                                new ConfiguredPlugin(
                                        "users",
                                        users,
                                        Duration.ofSeconds(1),
                                        FailurePolicy.TEMPFAIL))),
                intake,
                TestServers::waiting,
                observer,
                clock,
                loops,
                NO_CHANCE);
    }

    /// Fails at once, and seldom for good.
    static AuthConfig patient() {
        return auth(Duration.ZERO, 3, 20);
    }

    static AuthConfig auth(Duration delay, int failures, int failuresPerNetwork) {
        AuthConfig usual = AuthConfig.DEFAULT;
        return new AuthConfig(
                usual.mechanisms(),
                usual.withoutTls(),
                delay,
                failures,
                failuresPerNetwork,
                4,
                usual.window(),
                usual.ipv4Prefix(),
                usual.ipv6Prefix(),
                AuthConfig.SenderCheck.HEADER);
    }

    static Accounts mona() {
        Account mona =
                new Account(
                        monasIdentity(),
                        List.of(
                                Scram.record(
                                        ScramHash.SHA_256,
                                        "pencil",
                                        ByteBuffer.wrap(new byte[16]),
                                        Accounts.LEAST_ITERATIONS)));
        return new Accounts() {
            @Override
            public Lookup find(Session session, String name) {
                return name.equals("mona") ? new Lookup.Found(mona) : Lookup.UNKNOWN;
            }

            @Override
            public boolean mayBlock() {
                return false;
            }
        };
    }

    /// Knows one token, `good`.
    static Tokens tokens() {
        return new Tokens() {
            @Override
            public AuthAnswer check(Session session, Optional<String> name, String token) {
                return token.equals("good") && name.orElse("mona").equals("mona")
                        ? new AuthAnswer.Identified(monasIdentity())
                        : AuthAnswer.REFUSED;
            }

            @Override
            public Optional<String> scope() {
                return Optional.of("mail \"all\"");
            }

            @Override
            public boolean mayBlock() {
                return false;
            }
        };
    }

    /// Knows mona's certificate, by which nobody may ask to be anybody else.
    static Certificates certificates() {
        return (_, certificate, name) ->
                certificate.names().contains("mona@example.org")
                                && name.orElse("mona").equals("mona")
                        ? new AuthAnswer.Identified(monasIdentity())
                        : AuthAnswer.REFUSED;
    }

    private static Identity monasIdentity() {
        return new Identity("mona", List.of(SenderPattern.parse("mona@example.org")));
    }

    static Hooks known(Credentials... credentials) {
        return new Hooks() {
            @Override
            public SessionHooks join(Session session) {
                return new SessionHooks() {};
            }

            @Override
            public boolean mayBlock() {
                return false;
            }

            @Override
            public List<Credentials> credentials() {
                return List.of(credentials);
            }
        };
    }

    /// A server with other listeners, whose plugin knows `example.org`.
    static SmtpServer with(
            Map<String, ListenerConfig> listeners,
            SmtpLimits limits,
            Optional<ServerTls> tls,
            Intake intake,
            MailObserver observer,
            InstantSource clock,
            EventLoops loops,
            ConfiguredPlugin... more) {
        List<ConfiguredPlugin> plugins = new ArrayList<>(List.of(more));
        plugins.add(plugin("relay", forDomain("example.org")));
        return new SmtpServer(
                new SmtpSettings(
                        new Domain.Name("mx.example.org"),
                        listeners,
                        limits,
                        MessageLimits.DEFAULT,
                        SmtpExtensions.DEFAULT,
                        AuthConfig.DEFAULT),
                tls,
                new HookChain(plugins),
                intake,
                TestServers::waiting,
                observer,
                clock,
                loops,
                NO_CHANCE);
    }

    /// What waits: three jobs for `example.org`, none for others, and a store that fails for one.
    private static int waiting(Domain domain) {
        if (domain.equals(new Domain.Name("broken.example"))) {
            throw new IllegalStateException("the store is broken, as the test wants it");
        }
        return domain.equals(new Domain.Name("example.org")) ? 3 : 0;
    }

    private static ListenerConfig listener() {
        return ListenerConfig.of("127.0.0.1", 0, Kind.SMTP, Tls.STARTTLS);
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
