package org.posthorn.delivery;

import org.posthorn.api.dns.DnsAnswer;
import org.posthorn.api.dns.DnsRecord;
import org.posthorn.api.dns.DnsRecord.Tlsa;
import org.posthorn.api.dns.RecordType;
import org.posthorn.api.dns.Resolver;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Finds out whether DANE is for a host, and what it says (RFC 7672 §2.2). Safe for use by many
/// threads.
///
/// @param dns who is asked; its answers say whether DNSSEC vouches for them
record DaneLookup(Resolver dns) {

    /// What was found.
    sealed interface Found {}

    /// DNSSEC does not vouch for the way to the host, so there is no DANE.
    record Unsigned(String why) implements Found {}

    /// It does, and there are no records: no DANE.
    record Absent() implements Found {}

    /// There are records, and none that can be used: TLS, whatever the certificate (RFC 7672 §2.2).
    record Unusable(String service) implements Found {}

    /// There is DANE.
    record Present(Dane dane) implements Found {}

    /// It cannot be told, so nothing may be sent to the host now.
    record Failed(String reason) implements Found {}

    /// Looks up an exchanger, or a server that a route names.
    ///
    /// @param domain the recipient's domain, where the host is its exchanger
    Found of(Optional<String> domain, Target target) throws InterruptedException {
        Found found = find(domain, target);
        return found instanceof Failed(String reason) && !dns.vouches()
                ? new Unsigned("no name server is trusted that could vouch for it: " + reason)
                : found;
    }

    private Found find(Optional<String> domain, Target target) throws InterruptedException {
        if (target.host().startsWith("[")) {
            return new Unsigned("an address has no TLSA records");
        }
        Set<String> names = new LinkedHashSet<>(List.of(target.host()));
        if (domain.isPresent()) {
            Optional<Found> end = exchanger(domain.get(), target.host(), names);
            if (end.isPresent()) {
                return end.get();
            }
        }
        return host(target, names);
    }

    /// @param names is told what else the certificate may be for
    /// @return what keeps DANE from applying, if anything
    private Optional<Found> exchanger(String domain, String host, Set<String> names)
            throws InterruptedException {
        return switch (dns.lookup(domain, RecordType.MX)) {
            case DnsAnswer.Failed(String reason) ->
                    Optional.of(new Failed("about the MX records of " + domain + ": " + reason));
            case DnsAnswer.Found(String canonical, List<DnsRecord> records, boolean authentic) -> {
                if (!authentic || !lists(records, host)) {
                    yield Optional.of(
                            new Unsigned("no DNSSEC vouches for the MX records of " + domain));
                }
                names.add(domain);
                names.add(canonical);
                yield Optional.empty();
            }
            case DnsAnswer.NoRecords(), DnsAnswer.NoSuchName() ->
                    host.equalsIgnoreCase(domain)
                            ? Optional.empty()
                            : Optional.of(new Unsigned("it is no exchanger of " + domain));
        };
    }

    private static boolean lists(List<DnsRecord> records, String host) {
        return records.stream()
                .anyMatch(
                        it ->
                                it instanceof DnsRecord.Mx(_, String exchange)
                                        && exchange.equalsIgnoreCase(host));
    }

    /// Tells whether DNSSEC vouches that a host is an exchanger of a domain.
    boolean isSignedExchanger(String domain, String host) throws InterruptedException {
        return exchanger(domain, host, new LinkedHashSet<>()).isEmpty();
    }

    private Found host(Target target, Set<String> names) throws InterruptedException {
        String host = target.host();
        String canonical = host;
        boolean found = false;
        boolean signed = false;
        List<String> failures = new ArrayList<>();
        for (RecordType type : List.of(RecordType.A, RecordType.AAAA)) {
            switch (dns.lookup(host, type)) {
                case DnsAnswer.Found(String name, _, boolean authentic) -> {
                    canonical = name;
                    found = true;
                    signed |= authentic;
                }
                case DnsAnswer.Failed(String reason) -> failures.add(reason);
                case DnsAnswer.NoRecords(), DnsAnswer.NoSuchName() -> {}
            }
        }
        if (signed) {
            return records(target, new LinkedHashSet<>(List.of(canonical, host)), names);
        }
        // One answer that is not signed says that the name is not, whatever becomes of the other.
        if (!found && !failures.isEmpty()) {
            return new Failed("about " + host + ": " + failures.getFirst());
        }
        return isSignedAlias(host, canonical)
                ? records(target, Set.of(host), names)
                : new Unsigned("no DNSSEC vouches for the addresses of " + host);
    }

    /// An alias that is signed may lead to where nothing is (RFC 7672 §2.2.2).
    private boolean isSignedAlias(String host, String canonical) throws InterruptedException {
        return !canonical.equalsIgnoreCase(host)
                && dns.lookup(host, RecordType.CNAME) instanceof DnsAnswer.Found(_, _, boolean yes)
                && yes;
    }

    /// @param bases where the records may be, the first that has any counts
    private Found records(Target target, Set<String> bases, Set<String> names)
            throws InterruptedException {
        for (String base : bases) {
            String service = "_" + target.address().getPort() + "._tcp." + base;
            switch (dns.lookup(service, RecordType.TLSA)) {
                case DnsAnswer.Failed(String reason) -> {
                    return new Failed("about " + service + ": " + reason);
                }
                case DnsAnswer.Found(_, List<DnsRecord> records, boolean authentic)
                        when authentic -> {
                    return read(service, base, records, names);
                }
                case DnsAnswer.Found _, DnsAnswer.NoRecords _, DnsAnswer.NoSuchName _ -> {}
            }
        }
        return new Absent();
    }

    private static Found read(
            String service, String base, List<DnsRecord> records, Set<String> names) {
        List<Tlsa> usable =
                Dane.usable(
                        records.stream()
                                .filter(Tlsa.class::isInstance)
                                .map(Tlsa.class::cast)
                                .toList());
        Set<String> all = new LinkedHashSet<>(List.of(base));
        all.addAll(names);
        return usable.isEmpty()
                ? new Unusable(service)
                : new Present(new Dane(service, usable, List.copyOf(all)));
    }
}
