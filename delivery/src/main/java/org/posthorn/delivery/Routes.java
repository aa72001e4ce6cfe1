package org.posthorn.delivery;

import org.posthorn.api.mail.Domain;
import org.posthorn.api.mail.Envelope;
import org.posthorn.queue.Job;
import org.posthorn.queue.Mark;
import org.posthorn.queue.QueuedMessage.QueuedJob;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// The route table: the first entry that matches a recipient's domain says where its mail goes.
/// Immutable.
public final class Routes {
    private record Entry(List<DomainPattern> domains, String to, Way way) {}

    private final List<Entry> entries;
    private final RetrySchedule schedule;
    private final Map<String, Way> named = new HashMap<>();
    private final Path directory;

    private Routes(List<RouteConfig> routes, Path directory, RetrySchedule schedule) {
        this.entries = routes.stream().map(it -> entry(it, directory, schedule)).toList();
        this.schedule = schedule;
        this.directory = directory;
        for (int i = 0; i < entries.size(); i++) {
            named.putIfAbsent(routes.get(i).to(), entries.get(i).way());
        }
    }

    /// Makes the table.
    ///
    /// @param routes the entries in order
    /// @param directory what relative paths are relative to
    /// @param schedule when to try again, where a route says nothing else
    public static Routes of(List<RouteConfig> routes, Path directory, RetrySchedule schedule) {
        return new Routes(routes, directory, schedule);
    }

    private static Entry entry(RouteConfig route, Path directory, RetrySchedule schedule) {
        return new Entry(
                route.domains().stream().map(DomainPattern::parse).toList(),
                route.to(),
                new Way(
                        Route.parse(route.to(), directory),
                        route.tls(),
                        route.tlsFingerprints().stream().map(Fingerprint::parse).toList(),
                        route.login(),
                        schedule.with(route.retry().orElse(RetryConfig.SAME)),
                        route.windows().stream().map(DeliveryWindow::parse).toList(),
                        route.sendXforward()));
    }

    /// Finds where an operator sends mail: the first entry that says the same under `to`, with all
    /// that it says besides, or just there.
    ///
    /// @throws IllegalArgumentException saying what was expected, when it can be no entry's `to`
    Way to(String to) {
        Way known = named.get(to);
        return known != null
                ? known
                : new Way(
                        Route.parse(to, directory),
                        TlsLevel.MAY,
                        List.of(),
                        Optional.empty(),
                        schedule,
                        List.of(),
                        false);
    }

    /// Checks that an operator can send mail somewhere.
    ///
    /// @throws IllegalArgumentException saying what was expected, when it can be no entry's `to`
    public void check(String to) {
        to(to);
    }

    /// Tells whether the mail for all recipients of an envelope is to be held.
    boolean hold(Envelope envelope) {
        return envelope.recipients().stream()
                .map(recipient -> find(recipient.mailbox().domain(), _ -> true))
                .allMatch(way -> way.isPresent() && way.get().to() instanceof Route.Hold);
    }

    /// Returns the route of a job: where an operator sends it, or what the table says. One to
    /// `hold` is for jobs that no operator has released yet; released, a job takes the next that
    /// matches.
    Optional<Way> find(Job job) {
        boolean released = job.marks().contains(Mark.RELEASED);
        Predicate<Route> open = to -> !(released && to instanceof Route.Hold);
        return job.route()
                .map(this::to)
                .filter(way -> open.test(way.to()))
                .or(() -> find(job.destination().domain(), open));
    }

    /// Says where a job goes: what stands under `to` of its route, or `none` where no entry
    /// matches.
    public String describe(QueuedJob job) {
        boolean released = job.marks().contains(Mark.RELEASED);
        return job.route()
                .or(
                        () ->
                                entry(
                                                job.destination().domain(),
                                                to -> !(released && to instanceof Route.Hold))
                                        .map(Entry::to))
                .orElse("none");
    }

    /// Says where mail for a domain goes: what stands under `to` of its route, or `none`.
    String describe(Domain domain) {
        return entry(domain, _ -> true).map(Entry::to).orElse("none");
    }

    /// Returns the moments that matter to a job, on its route.
    Times times(Job job) {
        return Times.of(job, find(job).map(Way::schedule).orElse(schedule));
    }

    /// Returns the first route for a domain that is also of the kind asked for.
    Optional<Way> find(Domain domain, Predicate<Route> kind) {
        return entry(domain, kind).map(Entry::way);
    }

    private Optional<Entry> entry(Domain domain, Predicate<Route> kind) {
        return entries.stream()
                .filter(entry -> entry.domains.stream().anyMatch(p -> p.matches(domain)))
                .filter(entry -> kind.test(entry.way().to()))
                .findFirst();
    }
}
