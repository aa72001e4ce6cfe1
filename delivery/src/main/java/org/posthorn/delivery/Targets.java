package org.posthorn.delivery;

import org.posthorn.api.dns.DnsAnswer;
import org.posthorn.api.dns.DnsRecord;
import org.posthorn.api.dns.RecordType;
import org.posthorn.api.dns.Resolver;
import org.posthorn.api.mail.Domain;
import org.posthorn.api.smtp.Reply;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/// Finds the addresses that mail goes to, in the order in which to try them (RFC 5321 §5.1, null MX
/// RFC 7505). Safe for use by many threads.
///
/// Hosts come by preference, at random among equals, and so do the addresses of a host, of whatever
/// family. An exchanger that is an alias is followed, though RFC 2181 §10.3 forbids it: senders can
/// not help it.
///
/// @param config how many addresses, and the port
/// @param us whom never to send to
/// @param dns who is asked
/// @param random for the order among equals
record Targets(DeliveryConfig config, LocalHost us, Resolver dns, RandomGenerator random) {
    /// How many hosts are looked up at the most, however many the DNS lists.
    private static final int MAX_HOSTS = 20;

    /// What was found.
    sealed interface Found {}

    /// Addresses to try, at least one.
    ///
    /// @param site whose they are
    record Hosts(SiteName site, List<Target> targets) implements Found {}

    /// There is none, and what that means for the recipients.
    record Nowhere(Reply reply) implements Found {}

    private record Exchange(int preference, String host) {}

    /// What the DNS says of one host: its addresses, and why some may be missing.
    private record Located(List<InetAddress> addresses, List<String> faults) {}

    /// Finds where a domain's mail goes.
    Found ofDomain(Domain domain) throws InterruptedException {
        return switch (domain) {
            case Domain.Literal(InetAddress address) -> literal(domain, address);
            case Domain.Name name -> exchanges(name.ascii());
        };
    }

    private Found literal(Domain domain, InetAddress address) {
        var target =
                new Target(bracketed(address), new InetSocketAddress(address, config.mxPort()));
        return us.listensOn(target.address())
                ? ourselves(domain.ascii())
                : hosts(SiteName.ofExchangers(List.of(target.host())), List.of(target));
    }

    private Found exchanges(String domain) throws InterruptedException {
        return switch (dns.lookup(domain, RecordType.MX)) {
            case DnsAnswer.Failed(String reason) -> unknown(domain, reason);
            case DnsAnswer.NoSuchName() ->
                    nowhere(550, "5.1.2", "The domain " + domain + " does not exist");
            case DnsAnswer.NoRecords() -> targets(domain, List.of(new Exchange(0, domain)));
            case DnsAnswer.Found(_, List<DnsRecord> records, _) -> targets(domain, order(records));
        };
    }

    /// Sorts by preference. The sort is stable, so equals stay as the shuffle left them.
    private List<Exchange> order(List<DnsRecord> records) {
        List<Exchange> exchanges =
                records.stream()
                        .filter(DnsRecord.Mx.class::isInstance)
                        .map(DnsRecord.Mx.class::cast)
                        .filter(mx -> !mx.exchange().isEmpty())
                        .map(mx -> new Exchange(mx.preference(), mx.exchange()))
                        .collect(Collectors.toCollection(ArrayList::new));
        shuffle(exchanges);
        exchanges.sort(Comparator.comparingInt(Exchange::preference));
        return exchanges;
    }

    private void shuffle(List<?> list) {
        for (int i = list.size() - 1; i > 0; i--) {
            Collections.swap(list, i, random.nextInt(i + 1));
        }
    }

    /// Turns hosts into addresses. Where one of the hosts is us, only those preferred to us count,
    /// so that mail never runs in a circle (RFC 5321 §5.1).
    private Found targets(String domain, List<Exchange> exchanges) throws InterruptedException {
        if (exchanges.isEmpty()) {
            return nowhere(556, "5.1.10", "The domain " + domain + " takes no mail (null MX)");
        }
        int ours =
                exchanges.stream()
                        .filter(exchange -> us.is(exchange.host()))
                        .mapToInt(Exchange::preference)
                        .min()
                        .orElse(Integer.MAX_VALUE);
        List<Target> targets = new ArrayList<>();
        List<String> faults = new ArrayList<>();
        int before = 0;
        int preference = -1;
        for (Exchange exchange : exchanges.subList(0, Math.min(MAX_HOSTS, exchanges.size()))) {
            if (exchange.preference() >= ours || enough(targets)) {
                break;
            }
            if (exchange.preference() != preference) {
                preference = exchange.preference();
                before = targets.size();
            }
            Located located = locate(exchange.host());
            faults.addAll(located.faults());
            List<Target> more = at(exchange.host(), located.addresses(), config.mxPort());
            if (more.stream().anyMatch(target -> us.listensOn(target.address()))) {
                targets.subList(before, targets.size()).clear();
                ours = preference;
            } else {
                targets.addAll(more);
            }
        }
        if (!targets.isEmpty()) {
            return hosts(site(exchanges, ours), targets);
        }
        return nobody(domain, faults, ours != Integer.MAX_VALUE);
    }

    /// All that count, also those that are not needed this time.
    private static SiteName site(List<Exchange> exchanges, int ours) {
        return SiteName.ofExchangers(
                exchanges.stream()
                        .filter(it -> it.preference() < ours)
                        .map(Exchange::host)
                        .toList());
    }

    private boolean enough(List<Target> targets) {
        return targets.size() >= config.hosts();
    }

    private static Found nobody(String domain, List<String> faults, boolean ours) {
        if (!faults.isEmpty()) {
            return unknown(domain, faults.getFirst());
        }
        return ours
                ? ourselves(domain)
                : nowhere(550, "5.4.4", "No mail host of " + domain + " has an address");
    }

    /// Finds servers that the route table names: the first, and then those that take its place.
    /// What is wrong with them is wrong with the table; with one of several it is passed over.
    ///
    /// @param site what they are called
    Found ofServers(SiteName site, List<HostPort> servers) throws InterruptedException {
        int share = Math.max(1, config.hosts() / servers.size());
        List<Target> targets = new ArrayList<>();
        Optional<Found> fault = Optional.empty();
        for (HostPort server : servers) {
            switch (ofServer(site, server)) {
                case Hosts(_, List<Target> more) ->
                        targets.addAll(more.subList(0, Math.min(share, more.size())));
                case Nowhere nowhere -> fault = fault.or(() -> Optional.of(nowhere));
            }
        }
        return targets.isEmpty() ? fault.orElseThrow() : new Hosts(site, List.copyOf(targets));
    }

    private Found ofServer(SiteName site, HostPort server) throws InterruptedException {
        if (server.address().isPresent()) {
            InetAddress address = server.address().get();
            return server(site, server, List.of(address), bracketed(address));
        }
        Located located = locate(server.host());
        if (!located.addresses().isEmpty()) {
            return server(site, server, located.addresses(), server.host());
        }
        return located.faults().isEmpty()
                ? nowhere(451, "4.3.5", "The route's host " + server.host() + " has no address")
                : unknown(server.host(), located.faults().getFirst());
    }

    private Found server(SiteName site, HostPort server, List<InetAddress> addresses, String host) {
        List<Target> targets =
                at(host, addresses, server.port()).stream()
                        .filter(target -> !us.listensOn(target.address()))
                        .toList();
        return targets.isEmpty()
                ? nowhere(451, "4.3.5", "The route to " + server + " leads back to this server")
                : hosts(site, targets);
    }

    private Located locate(String host) throws InterruptedException {
        List<InetAddress> addresses = new ArrayList<>();
        List<String> faults = new ArrayList<>();
        for (RecordType type : List.of(RecordType.A, RecordType.AAAA)) {
            switch (dns.lookup(host, type)) {
                case DnsAnswer.Found(_, List<DnsRecord> records, _) ->
                        records.stream()
                                .filter(DnsRecord.Address.class::isInstance)
                                .map(record -> ((DnsRecord.Address) record).address())
                                .forEach(addresses::add);
                case DnsAnswer.Failed(String reason) -> faults.add(reason);
                case DnsAnswer.NoRecords(), DnsAnswer.NoSuchName() -> {}
            }
        }
        shuffle(addresses);
        return new Located(addresses, faults);
    }

    private static List<Target> at(String host, List<InetAddress> addresses, int port) {
        return addresses.stream()
                .map(address -> new Target(host, new InetSocketAddress(address, port)))
                .toList();
    }

    private static String bracketed(InetAddress address) {
        return "[" + address.getHostAddress() + "]";
    }

    private Found hosts(SiteName site, List<Target> targets) {
        return new Hosts(
                site, List.copyOf(targets.subList(0, Math.min(targets.size(), config.hosts()))));
    }

    private static Found unknown(String name, String reason) {
        return nowhere(451, "4.4.3", "The DNS does not answer about " + name + ": " + reason);
    }

    private static Found ourselves(String domain) {
        return nowhere(550, "5.4.6", "Mail for " + domain + " loops back to this server");
    }

    private static Found nowhere(int code, String status, String text) {
        return new Nowhere(Reply.of(code, status, text));
    }
}
