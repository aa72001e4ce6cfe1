package org.posthorn.delivery;

import org.posthorn.api.mail.Domain;
import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.queue.Job;
import org.posthorn.queue.Mark;
import org.posthorn.queue.QueuedMessage;
import org.posthorn.queue.QueuedMessage.QueuedJob;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// The route table: the first entry that matches a recipient says where its mail goes.
/// Immutable.
public final class Routes {
    private record Entry(RouteMatch match, String to, Way way) {}

    /// Recipients of a job with the same route.
    ///
    /// @param way the route; nothing where none matches
    /// @param recipients their places in the job's envelope
    record Branch(Optional<Way> way, List<Integer> recipients) {}

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
                RouteMatch.of(route),
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

    /// Tells whether an entry says the same under `to`.
    public boolean knows(String to) {
        return named.containsKey(to);
    }

    /// Tells whether mail is to be held for all recipients of its envelope.
    boolean hold(Envelope envelope, Map<String, String> metadata) {
        var mail = new RouteMatch.Mail(envelope.sender(), metadata);
        return envelope.recipients().stream()
                .map(recipient -> entry(recipient.mailbox(), mail, _ -> true))
                .allMatch(it -> it.isPresent() && it.get().way().to() instanceof Route.Hold);
    }

    /// Returns the routes of a job's recipients: where an operator sends it, or what the table
    /// says. One to `hold` is for jobs that no operator has released yet; released, a job takes the
    /// next that matches.
    List<Branch> branches(Job job) {
        Map<Optional<Way>, List<Integer>> branches = new LinkedHashMap<>();
        for (int i = 0; i < job.envelope().recipients().size(); i++) {
            branches.computeIfAbsent(way(job, i), _ -> new ArrayList<>()).add(i);
        }
        return branches.entrySet().stream()
                .map(it -> new Branch(it.getKey(), it.getValue()))
                .toList();
    }

    private Optional<Way> way(Job job, int recipient) {
        Predicate<Route> open = open(job.marks());
        var mail = new RouteMatch.Mail(job.envelope().sender(), job.metadata());
        Mailbox its = job.envelope().recipients().get(recipient).mailbox();
        return job.route()
                .map(this::to)
                .filter(it -> open.test(it.to()))
                .or(() -> entry(its, mail, open).map(Entry::way));
    }

    private static Predicate<Route> open(Set<Mark> marks) {
        boolean released = marks.contains(Mark.RELEASED);
        return to -> !(released && to instanceof Route.Hold);
    }

    /// Says where a job goes: what stands under `to` of the routes of its recipients, or `none`
    /// where no entry matches.
    public String describe(QueuedMessage message, QueuedJob job) {
        Predicate<Route> open = open(job.marks());
        var mail = new RouteMatch.Mail(message.envelope().sender(), message.metadata());
        return job.route()
                .orElseGet(
                        () ->
                                job.waiting().stream()
                                        .map(it -> it.recipient().mailbox())
                                        .map(it -> entry(it, mail, open).map(Entry::to))
                                        .map(it -> it.orElse("none"))
                                        .distinct()
                                        .collect(Collectors.joining(", ")));
    }

    /// Says where mail for a domain goes: what stands under `to` of its route, or `none`. Routes
    /// for which more counts than the domain are passed over.
    String describe(Domain domain) {
        return entry(domain).map(Entry::to).orElse("none");
    }

    /// Returns the route of a domain, likewise.
    Optional<Way> find(Domain domain) {
        return entry(domain).map(Entry::way);
    }

    private Optional<Entry> entry(Domain domain) {
        return entries.stream().filter(it -> it.match().isOfAll(domain)).findFirst();
    }

    /// Tells whether recipients of a job wait for a delivery window of their route, due or not.
    public boolean isClosed(QueuedMessage message, QueuedJob job, InstantSource clock) {
        Predicate<Route> open = open(job.marks());
        var mail = new RouteMatch.Mail(message.envelope().sender(), message.metadata());
        Optional<Way> ordered = job.route().map(this::to);
        return job.waiting().stream()
                .map(it -> it.recipient().mailbox())
                .map(it -> ordered.or(() -> entry(it, mail, open).map(Entry::way)))
                .flatMap(Optional::stream)
                .anyMatch(way -> DeliveryWindow.opening(way.windows(), clock).isPresent());
    }

    /// Returns the moments that matter to a job: on the route of its first recipient.
    Times times(Job job) {
        return Times.of(job, way(job, 0).map(Way::schedule).orElse(schedule));
    }

    private Optional<Entry> entry(Mailbox recipient, RouteMatch.Mail mail, Predicate<Route> kind) {
        return entries.stream()
                .filter(entry -> entry.match().matches(recipient, mail))
                .filter(entry -> kind.test(entry.way().to()))
                .findFirst();
    }
}
