package org.posthorn.delivery;

import org.posthorn.api.mail.Domain;
import org.posthorn.api.smtp.Reply;
import org.posthorn.queue.Job;
import org.posthorn.queue.Mark;
import org.posthorn.smtp.client.Protocol;

import java.util.List;
import java.util.Optional;

/// Attempts a job: finds its route, and goes there. Safe for use by many threads; each call blocks
/// its own.
///
/// A route to `hold` is for jobs that no operator has released yet; released, a job takes the next
/// route that matches. Without any route, mail waits: the table is at fault, not the mail.
final class Attempts {
    private final Routes routes;
    private final Targets targets;
    private final RemoteTransport remote;
    private final MaildirTransport maildir;

    private Attempts(
            Routes routes, Targets targets, RemoteTransport remote, MaildirTransport maildir) {
        this.routes = routes;
        this.targets = targets;
        this.remote = remote;
        this.maildir = maildir;
    }

    static Attempts of(
            DeliveryConfig config,
            Routes routes,
            LocalHost us,
            Delivery.Surroundings surroundings) {
        return new Attempts(
                routes,
                new Targets(config, us, surroundings.dns(), surroundings.random()),
                new RemoteTransport(config, us.name(), surroundings.client()),
                new MaildirTransport(us.name(), surroundings.clock()));
    }

    Attempt at(Job job) throws InterruptedException {
        Domain domain = job.destination().domain();
        boolean released = job.marks().contains(Mark.RELEASED);
        Optional<Route> route = routes.find(domain, to -> !(released && to instanceof Route.Hold));
        if (route.isEmpty()) {
            return all(job, Reply.of(451, "4.3.5", "No route for " + domain + ": add one"), "none");
        }
        return switch (route.get()) {
            case Route.Mx() -> deliver(job, targets.ofDomain(domain), Protocol.SMTP);
            case Route.Smtp(HostPort server) ->
                    deliver(job, targets.ofServer(server), Protocol.SMTP);
            case Route.Lmtp(HostPort server) ->
                    deliver(job, targets.ofServer(server), Protocol.LMTP);
            case Route.Maildir(var directory) -> new Attempt.Tried(maildir.deliver(job, directory));
            case Route.Hold() -> new Attempt.Held("route of " + domain);
            case Route.Discard() -> all(job, Reply.of(250, "2.0.0", "Discarded"), "discard");
        };
    }

    private Attempt deliver(Job job, Targets.Found found, Protocol protocol)
            throws InterruptedException {
        String transport = protocol == Protocol.LMTP ? "lmtp" : "smtp";
        return switch (found) {
            case Targets.Nowhere(Reply reply) -> all(job, reply, transport);
            case Targets.Hosts(List<Target> hosts) ->
                    new Attempt.Tried(
                            remote.deliver(job.envelope(), job.content(), hosts, protocol));
        };
    }

    private static Attempt all(Job job, Reply reply, String transport) {
        Result result = Result.of(reply, transport, "");
        return new Attempt.Tried(result.forAll(job.envelope().recipients().size()));
    }
}
