package org.posthorn.delivery;

import org.posthorn.api.dns.Resolver;
import org.posthorn.api.mail.Domain;
import org.posthorn.api.smtp.Reply;
import org.posthorn.smtp.client.ClientException;
import org.posthorn.smtp.client.ClientSession;
import org.posthorn.smtp.client.Protocol;
import org.posthorn.smtp.client.SmtpClient;
import org.posthorn.smtp.client.TlsFacts;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;

/// Finds out how mail for a domain would be secured, and talks to the servers to prove it. Sends no
/// mail, and leaves no trace in what is remembered. Safe for use by many threads.
public final class TlsCheck {
    private final Routes routes;
    private final Targets targets;
    private final Surroundings surroundings;

    /// What it works with.
    ///
    /// @param us who we are
    /// @param dns for mail exchangers and their addresses
    /// @param client for sessions with other servers
    /// @param tls how well they must be secured
    /// @param clock for what expires
    public record Surroundings(
            LocalHost us, Resolver dns, SmtpClient client, OutgoingTls tls, InstantSource clock) {}

    /// Makes one.
    ///
    /// @param config the `delivery` block
    /// @param routes the route table
    /// @param random for the order among equals
    public TlsCheck(
            DeliveryConfig config,
            Routes routes,
            Surroundings surroundings,
            RandomGenerator random) {
        this.routes = routes;
        this.targets = new Targets(config, surroundings.us(), surroundings.dns(), random);
        this.surroundings = surroundings;
    }

    /// Looks at a domain. Takes as long as its slowest server.
    ///
    /// @throws InterruptedException when the thread is interrupted while it waits
    public TlsReport check(Domain domain) throws InterruptedException {
        Optional<Way> way = routes.find(domain);
        if (way.isEmpty()) {
            return report(domain, "none", "", "no route matches the domain");
        }
        String to = routes.describe(domain);
        String level = way.get().tls().name().toLowerCase(Locale.ROOT);
        Optional<Targets.Found> found = find(domain, way.get());
        if (found.isEmpty()) {
            return report(domain, to, level, "its mail goes to no server");
        }
        return switch (found.get()) {
            case Targets.Nowhere(Reply reply) -> report(domain, to, level, reply.toString());
            case Targets.Hosts hosts ->
                    new TlsReport(
                            domain.toString(),
                            to,
                            level,
                            "",
                            servers(domain, way.get(), hosts.targets()));
        };
    }

    private static TlsReport report(Domain domain, String to, String level, String finding) {
        return new TlsReport(domain.toString(), to, level, finding, List.of());
    }

    private Optional<Targets.Found> find(Domain domain, Way way) throws InterruptedException {
        return switch (way.to()) {
            case Route.Mx() -> Optional.of(targets.ofDomain(domain));
            case Route.Smtp(List<HostPort> servers, boolean implicit) ->
                    Optional.of(
                            targets.ofServers(
                                    SiteName.ofServers(implicit ? "smtps" : "smtp", servers),
                                    servers));
            case Route.Lmtp(List<HostPort> servers) ->
                    Optional.of(targets.ofServers(SiteName.ofServers("lmtp", servers), servers));
            case Route.Maildir _, Route.Pipe _, Route.Refuse _, Route.Hold(), Route.Discard() ->
                    Optional.empty();
        };
    }

    private List<TlsReport.Server> servers(Domain domain, Way way, List<Target> hosts)
            throws InterruptedException {
        TlsWish wish =
                new TlsWish(
                        way.to() instanceof Route.Mx && domain instanceof Domain.Name
                                ? Optional.of(domain.ascii())
                                : Optional.empty(),
                        way.tls(),
                        way.fingerprints(),
                        TlsWish.Sender.INDIFFERENT);
        TlsPlan plan = surroundings.tls().plan(wish, hosts);
        List<Callable<TlsReport.Server>> tries = new ArrayList<>();
        hosts.forEach(it -> tries.add(() -> tried(it, way, plan.at(it).orElseThrow())));
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<TlsReport.Server> all = new ArrayList<>();
            for (Future<TlsReport.Server> done : threads.invokeAll(tries)) {
                all.add(done.get());
            }
            return all;
        } catch (ExecutionException e) {
            throw new IllegalStateException("a server cannot be tried", e.getCause());
        }
    }

    private TlsReport.Server tried(Target target, Way way, TlsPolicy policy)
            throws InterruptedException {
        Protocol protocol = way.to() instanceof Route.Lmtp ? Protocol.LMTP : Protocol.SMTP;
        boolean implicit = way.to() instanceof Route.Smtp(_, boolean it) && it;
        Optional<String> name = implicit ? Optional.of(policy.serverName()) : Optional.empty();
        try (ClientSession session =
                surroundings.client().connect(target.address(), protocol, name)) {
            boolean offered = session.hello(surroundings.us().name()).offers("STARTTLS");
            if (offered && policy.tls() && session.tls().isEmpty()) {
                session.startTls(policy.serverName());
            }
            session.quit();
            String without =
                    offered && policy.tls()
                            ? "in clear: STARTTLS is offered and refused"
                            : policy.tls() ? "in clear: TLS is not offered" : "in clear";
            return server(target, policy, session.tls(), without);
        } catch (ClientException e) {
            boolean clear =
                    policy.mayBeClear() && !implicit && e.step() == ClientException.Step.TLS;
            return server(
                    target,
                    policy,
                    Optional.empty(),
                    e.reply().text(),
                    clear ? "mail goes in clear" : "mail waits: " + e.reply().text(),
                    clear);
        }
    }

    private TlsReport.Server server(
            Target target, TlsPolicy policy, Optional<TlsFacts> facts, String without) {
        Instant now = surroundings.clock().instant();
        Optional<Reply> objection = policy.objection(facts, now);
        String goes =
                facts.isEmpty()
                        ? "mail goes in clear"
                        : policy.mayBeClear()
                                ? "mail goes by TLS, whatever the certificate"
                                : "mail goes by TLS that is as it must be";
        return server(
                target,
                policy,
                facts,
                without,
                objection.map(it -> "mail waits: " + it).orElse(goes),
                objection.isEmpty());
    }

    private static TlsReport.Server server(
            Target target,
            TlsPolicy policy,
            Optional<TlsFacts> facts,
            String without,
            String verdict,
            boolean usable) {
        return new TlsReport.Server(
                target.host(),
                target.toString(),
                policy.because(),
                policy.demands().stream()
                        .map(it -> it.proof().words() + " (" + it.asks() + ")")
                        .toList(),
                facts.map(it -> it.version() + " " + it.cipher()).orElse(without),
                facts.map(TlsFacts::names).orElse(List.of()),
                facts.map(it -> it.certificate().getIssuerX500Principal().getName()).orElse(""),
                facts.map(it -> it.certificate().getNotAfter().toInstant().toString()).orElse(""),
                facts.flatMap(TlsFacts::distrust).orElse(""),
                verdict,
                usable);
    }
}
