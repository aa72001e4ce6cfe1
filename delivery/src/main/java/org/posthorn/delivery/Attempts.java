package org.posthorn.delivery;

import org.posthorn.api.mail.DeliverBy;
import org.posthorn.api.mail.Domain;
import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.Parameters;
import org.posthorn.api.smtp.Reply;
import org.posthorn.queue.Job;
import org.posthorn.smtp.client.Protocol;

import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Attempts a job: finds its route, and goes there. Safe for use by many threads; each call blocks
/// its own.
///
/// Without any route, mail waits: the table is at fault, not the mail.
final class Attempts {
    private final Routes routes;
    private final Targets targets;
    private final Sites sites;
    private final RemoteTransport remote;
    private final MaildirTransport maildir;
    private final OutgoingTls tls;
    private final InstantSource clock;

    private Attempts(
            Routes routes,
            Targets targets,
            Sites sites,
            RemoteTransport remote,
            MaildirTransport maildir,
            OutgoingTls tls,
            InstantSource clock) {
        this.routes = routes;
        this.targets = targets;
        this.sites = sites;
        this.remote = remote;
        this.maildir = maildir;
        this.tls = tls;
        this.clock = clock;
    }

    static Attempts of(
            DeliveryConfig config,
            Routes routes,
            LocalHost us,
            Delivery.Surroundings surroundings) {
        return new Attempts(
                routes,
                new Targets(config, us, surroundings.dns(), surroundings.random()),
                new Sites(
                        config.sessions(),
                        surroundings.clock(),
                        surroundings.random(),
                        surroundings.alarm(),
                        _ -> new FixedConcurrency(config.sessions().perSite())),
                new RemoteTransport(
                        config,
                        new Sessions(
                                surroundings.client(),
                                us.name(),
                                surroundings.clock(),
                                surroundings.tls()),
                        surroundings.clock()),
                new MaildirTransport(us.name(), surroundings.clock()),
                surroundings.tls(),
                surroundings.clock());
    }

    /// Returns where mail goes.
    Sites sites() {
        return sites;
    }

    Attempt at(Job job) throws InterruptedException {
        Domain domain = job.destination().domain();
        Optional<Way> way = routes.find(job);
        if (job.bounce().isPresent()) {
            String why = "Returned by an operator: " + job.bounce().get();
            return all(job, Reply.of(550, "5.0.0", why), "none");
        }
        if (routes.times(job).isTooLate(clock)) {
            return all(job, Judgement.TOO_LATE, "none");
        }
        if (way.isEmpty()) {
            return all(job, Reply.of(451, "4.3.5", "No route for " + domain + ": add one"), "none");
        }
        Optional<Instant> opens = DeliveryWindow.opening(way.get().windows(), clock);
        if (opens.isPresent()) {
            return new Attempt.Closed(opens.get());
        }
        return switch (way.get().to()) {
            case Route.Mx() -> deliver(job, targets.ofDomain(domain), Protocol.SMTP, way.get());
            case Route.Smtp(HostPort server, boolean implicit) -> {
                SiteName site = SiteName.ofServer(implicit ? "smtps" : "smtp", server);
                yield deliver(job, targets.ofServer(site, server), Protocol.SMTP, way.get());
            }
            case Route.Lmtp(HostPort server) -> {
                SiteName site = SiteName.ofServer("lmtp", server);
                yield deliver(job, targets.ofServer(site, server), Protocol.LMTP, way.get());
            }
            case Route.Maildir(var directory) -> new Attempt.Tried(maildir.deliver(job, directory));
            case Route.Hold() -> new Attempt.Held("route of " + domain);
            case Route.Discard() -> all(job, Reply.of(250, "2.0.0", "Discarded"), "discard");
        };
    }

    private Attempt deliver(Job job, Targets.Found found, Protocol protocol, Way way)
            throws InterruptedException {
        String transport = protocol == Protocol.LMTP ? "lmtp" : "smtp";
        return switch (found) {
            case Targets.Nowhere(Reply reply) -> all(job, reply, transport);
            case Targets.Hosts(SiteName site, List<Target> hosts) ->
                    visit(job, site, hosts, shipment(job, hosts, protocol, way));
        };
    }

    private Attempt visit(Job job, SiteName site, List<Target> hosts, Shipment shipment)
            throws InterruptedException {
        return switch (sites.enter(site, new Errand(job.toString(), shipment))) {
            case Entry.Later later -> new Attempt.Later(later, site);
            case Entry.Open(Visit visit) -> {
                try (visit) {
                    yield new Attempt.Tried(remote.deliver(shipment, hosts, visit));
                }
            }
        };
    }

    private Shipment shipment(Job job, List<Target> hosts, Protocol protocol, Way way)
            throws InterruptedException {
        Envelope envelope = job.envelope();
        boolean here =
                protocol == Protocol.LMTP
                        && hosts.stream()
                                .allMatch(it -> it.address().getAddress().isLoopbackAddress());
        Parameters onward = onward(envelope.parameters(), routes.times(job), protocol, here);
        boolean implicit = way.to() instanceof Route.Smtp(_, boolean it) && it;
        return new Shipment(
                new Envelope(envelope.sender(), onward, envelope.recipients()),
                job.content(),
                protocol,
                implicit,
                tls.plan(wish(job, way, onward), hosts),
                way.login(),
                way.sendXforward() ? Optional.of(Origins.of(job)) : Optional.empty());
    }

    /// Returns the parameters as they go on: with the time that is left (RFC 2852 §4.1.4). What is
    /// delivered by LMTP is not relayed; where that does not even leave this machine, nobody needs
    /// TLS.
    private Parameters onward(Parameters given, Times times, Protocol protocol, boolean here) {
        Map<String, String> onward = new LinkedHashMap<>(given.values());
        onward.remove("BY");
        if (here) {
            onward.remove("REQUIRETLS");
        }
        if (protocol == Protocol.SMTP) {
            DeliverBy.of(given)
                    .flatMap(by -> times.left(by, clock.instant()))
                    .ifPresent(by -> onward.put("BY", by.toString()));
        }
        return new Parameters(onward);
    }

    /// A sender that requires TLS is heard before one that does not (RFC 8689 §4.1).
    private static TlsWish wish(Job job, Way way, Parameters onward) {
        Optional<String> domain =
                way.to() instanceof Route.Mx
                                && job.destination().domain() instanceof Domain.Name name
                        ? Optional.of(name.ascii())
                        : Optional.empty();
        TlsWish.Sender sender =
                onward.has("REQUIRETLS")
                        ? TlsWish.Sender.REQUIRES
                        : job.metadata().getOrDefault("tls-required", "").equals("no")
                                ? TlsWish.Sender.RELAXES
                                : TlsWish.Sender.INDIFFERENT;
        return new TlsWish(domain, way.tls(), way.fingerprints(), sender);
    }

    private static Attempt all(Job job, Reply reply, String transport) {
        Result result = Result.of(reply, transport, "");
        return new Attempt.Tried(result.forAll(job.envelope().recipients().size()));
    }
}
