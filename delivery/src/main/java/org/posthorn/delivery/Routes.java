package org.posthorn.delivery;

import org.posthorn.api.mail.Domain;
import org.posthorn.api.mail.Envelope;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// The route table: the first entry that matches a recipient's domain says where its mail goes.
/// Immutable.
public final class Routes {
    private record Entry(List<DomainPattern> domains, Way way) {}

    private final List<Entry> entries;

    private Routes(List<Entry> entries) {
        this.entries = List.copyOf(entries);
    }

    /// Makes the table.
    ///
    /// @param routes the entries in order
    /// @param directory what relative paths are relative to
    public static Routes of(List<RouteConfig> routes, Path directory) {
        return new Routes(routes.stream().map(route -> entry(route, directory)).toList());
    }

    private static Entry entry(RouteConfig route, Path directory) {
        return new Entry(
                route.domains().stream().map(DomainPattern::parse).toList(),
                new Way(Route.parse(route.to(), directory), route.tls(), route.login()));
    }

    /// Tells whether the mail for all recipients of an envelope is to be held.
    boolean hold(Envelope envelope) {
        return envelope.recipients().stream()
                .map(recipient -> find(recipient.mailbox().domain(), _ -> true))
                .allMatch(way -> way.isPresent() && way.get().to() instanceof Route.Hold);
    }

    /// Returns the first route for a domain that is also of the kind asked for.
    Optional<Way> find(Domain domain, Predicate<Route> kind) {
        return entries.stream()
                .filter(entry -> entry.domains.stream().anyMatch(p -> p.matches(domain)))
                .map(Entry::way)
                .filter(way -> kind.test(way.to()))
                .findFirst();
    }
}
