package org.posthorn.delivery;

import org.posthorn.api.mail.DeliverBy;
import org.posthorn.api.mail.Domain;
import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.Parameters;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.smtp.Reply;
import org.posthorn.queue.Job;
import org.posthorn.smtp.client.Protocol;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Attempts a job: finds its route, and goes there. Safe for use by many threads; each call blocks
/// its own.
///
/// Without any route, mail waits: the table is at fault, not the mail.
final class Attempts {
    private static final Logger LOG = LoggerFactory.getLogger(Attempts.class);

    /// What those are told whose turn did not come.
    private static final Reply STOPPED = Reply.of(450, "4.3.2", "Not tried: the server stops");

    private final Routes routes;
    private final Targets targets;
    private final Sites sites;
    private final RemoteTransport remote;
    private final Shaping shaping;
    private final Pause pause;
    private final MaildirTransport maildir;
    private final OutgoingTls tls;
    private final PipeTransport pipe;
    private final InstantSource clock;

    private Attempts(
            Routes routes,
            Targets targets,
            Sites sites,
            RemoteTransport remote,
            Shaping shaping,
            Pause pause,
            MaildirTransport maildir,
            OutgoingTls tls,
            PipeTransport pipe,
            InstantSource clock) {
        this.routes = routes;
        this.targets = targets;
        this.sites = sites;
        this.remote = remote;
        this.shaping = shaping;
        this.pause = pause;
        this.maildir = maildir;
        this.tls = tls;
        this.pipe = pipe;
        this.clock = clock;
    }

    static Attempts of(
            DeliveryConfig config,
            Routes routes,
            LocalHost us,
            Delivery.Surroundings surroundings) {
        Shaping shaping = Shaping.of(config.providers(), config.shaping(), surroundings.clock());
        return new Attempts(
                routes,
                new Targets(config, us, surroundings.dns(), surroundings.random()),
                new Sites(
                        config.sessions(),
                        surroundings.clock(),
                        surroundings.random(),
                        surroundings.alarm(),
                        site ->
                                new AdaptiveConcurrency(
                                        config.sessions().initial(),
                                        shaping.sessions(site.text(), config.sessions().perSite()),
                                        surroundings.clock().instant())),
                new RemoteTransport(
                        config,
                        new Sessions(
                                surroundings.client(),
                                us.name(),
                                surroundings.clock(),
                                surroundings.tls()),
                        shaping,
                        surroundings.clock()),
                shaping,
                surroundings.pause(),
                new MaildirTransport(us.name(), surroundings.clock()),
                surroundings.tls(),
                new PipeTransport(config.pipeTimeout()),
                surroundings.clock());
    }

    /// Returns where mail goes.
    Sites sites() {
        return sites;
    }

    Attempt at(Job job) throws InterruptedException {
        if (job.bounce().isPresent()) {
            String why = "Returned by an operator: " + job.bounce().get();
            return all(job, Reply.of(550, "5.0.0", why), "none");
        }
        if (routes.times(job).isTooLate(clock)) {
            return all(job, Judgement.TOO_LATE, "none");
        }
        List<Routes.Branch> branches = routes.branches(job);
        return branches.size() == 1
                ? on(job, branches.getFirst().way())
                : new Attempt.Tried(apart(job, branches));
    }

    /// Goes to each of several routes with those recipients that are to go there. What came of
    /// some stands, whatever happens to the others: it must not be tried again for their sake.
    private List<Result> apart(Job job, List<Routes.Branch> branches) throws InterruptedException {
        Result[] results = new Result[job.envelope().recipients().size()];
        Optional<Reply> stopped = Optional.empty();
        for (Routes.Branch branch : branches) {
            Job part = part(job, branch.recipients());
            List<Result> its;
            try {
                its =
                        stopped.isPresent()
                                ? same(part, stopped.get(), "none")
                                : results(part, on(part, branch.way()));
            } catch (InterruptedException e) {
                if (branch.equals(branches.getFirst())) {
                    throw e;
                }
                stopped = Optional.of(STOPPED);
                its = same(part, STOPPED, "none");
            } catch (RuntimeException e) {
                LOG.error("{}: an attempt failed on our side and will be repeated", part, e);
                its = same(part, Delivery.MISTAKE, "none");
            }
            for (int i = 0; i < its.size(); i++) {
                results[branch.recipients().get(i)] = its.get(i);
            }
        }
        return Arrays.asList(results);
    }

    private static Job part(Job job, List<Integer> recipients) {
        Envelope all = job.envelope();
        List<Recipient> chosen = recipients.stream().map(all.recipients()::get).toList();
        return job.with(new Envelope(all.sender(), all.parameters(), chosen));
    }

    /// Returns what an attempt means for a part of a job, all of which is tried again at one time.
    private static List<Result> results(Job part, Attempt attempt) {
        return switch (attempt) {
            case Attempt.Tried(List<Result> results, _) -> results;
            case Attempt.Closed(Instant until) -> same(part, Judgement.closed(until), "none");
            case Attempt.Later(Entry.Later why, _) -> same(part, why.reply(), "none");
            case Attempt.Held _ -> same(part, Judgement.HELD, "none");
        };
    }

    private Attempt on(Job job, Optional<Way> found) throws InterruptedException {
        Domain domain = job.destination().domain();
        if (found.isEmpty()) {
            return all(job, Reply.of(451, "4.3.5", "No route for " + domain + ": add one"), "none");
        }
        Way way = found.get();
        Optional<Instant> opens = DeliveryWindow.opening(way.windows(), clock);
        if (opens.isPresent()) {
            return new Attempt.Closed(opens.get());
        }
        return switch (way.to()) {
            case Route.Mx() -> deliver(job, targets.ofDomain(domain), Protocol.SMTP, way);
            case Route.Smtp(List<HostPort> servers, boolean implicit) -> {
                SiteName site = SiteName.ofServers(implicit ? "smtps" : "smtp", servers);
                yield deliver(job, targets.ofServers(site, servers), Protocol.SMTP, way);
            }
            case Route.Lmtp(List<HostPort> servers) -> {
                SiteName site = SiteName.ofServers("lmtp", servers);
                yield deliver(job, targets.ofServers(site, servers), Protocol.LMTP, way);
            }
            case Route.Maildir(var directory) -> new Attempt.Tried(maildir.deliver(job, directory));
            case Route.Pipe(PipeCommand command) -> new Attempt.Tried(pipe.deliver(job, command));
            case Route.Refuse(Reply reply) -> all(job, reply, "error");
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
        List<String> names = hosts.stream().map(Target::host).toList();
        Traffic traffic = Traffic.of(job, site.text(), names, Optional.empty());
        Optional<NotYet> not = shaping.ask(traffic);
        if (not.isPresent()) {
            return later(not.get(), site);
        }
        return switch (sites.enter(site, new Errand(job.toString(), shipment))) {
            case Entry.Later later -> new Attempt.Later(later, site);
            case Entry.Open(Visit visit) -> {
                try (visit) {
                    yield at(visit, site, hosts, shipment, traffic);
                }
            }
        };
    }

    private static Attempt later(NotYet not, SiteName site) {
        return new Attempt.Later(new Entry.Later(Shaping.waits(not), not.earliest(), false), site);
    }

    /// Waits for its turn with the session that it has: others have to wait as well.
    private Attempt at(
            Visit visit, SiteName site, List<Target> hosts, Shipment shipment, Traffic traffic)
            throws InterruptedException {
        Optional<NotYet> not =
                visit.kept().isEmpty() ? shaping.askConnection(traffic) : Optional.empty();
        if (not.isEmpty()) {
            not = turn(traffic);
        }
        if (not.isPresent()) {
            visit.kept().ifPresent(visit::leave);
            return later(not.get(), site);
        }
        visit.begin(clock.instant());
        return shaped(remote.deliver(shipment, hosts, visit, traffic), traffic);
    }

    private Optional<NotYet> turn(Traffic traffic) throws InterruptedException {
        while (true) {
            Optional<NotYet> far = shaping.ask(traffic);
            if (far.isPresent()) {
                return far;
            }
            Optional<NotYet> not = shaping.send(traffic);
            if (not.isEmpty()) {
                return not;
            }
            pause.last(Duration.between(clock.instant(), not.get().earliest()));
        }
    }

    /// Does what rules say about replies.
    private Attempt shaped(List<Result> results, Traffic traffic) {
        List<Result> shaped = new ArrayList<>();
        Optional<Duration> after = Optional.empty();
        for (Result result : results) {
            Shaping.Reaction reaction = shaping.react(traffic, result);
            after = after.isPresent() ? after : reaction.after();
            Reply reply = result.outcome().reply();
            shaped.add(
                    reaction.bounce()
                            ? new Result(Result.outcome(Shaping.bounced(reply)), result.by())
                            : result);
        }
        return new Attempt.Tried(shaped, after.map(it -> clock.instant().plus(it)));
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
        return new Attempt.Tried(same(job, reply, transport));
    }

    private static List<Result> same(Job job, Reply reply, String transport) {
        return Result.of(reply, transport, "").forAll(job.envelope().recipients().size());
    }
}
