package org.posthorn.testkit;

import org.posthorn.api.dns.DnsAnswer;
import org.posthorn.api.dns.DnsRecord;
import org.posthorn.api.dns.RecordType;
import org.posthorn.api.dns.Resolver;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// A DNS that holds what a test puts into it; nothing else exists. Safe for use by many threads.
public final class InMemoryDns implements Resolver {
    private final Map<Question, DnsAnswer> answers = new ConcurrentHashMap<>();

    /// Makes a DNS in which no name exists.
    public InMemoryDns() {}

    private record Question(String name, RecordType type) {
        Question {
            String lower = name.toLowerCase(Locale.ROOT);
            name = lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
        }
    }

    /// Adds a mail exchanger.
    public InMemoryDns mx(String domain, int preference, String exchange) {
        return add(domain, RecordType.MX, new DnsRecord.Mx(preference, exchange));
    }

    /// Adds an IPv4 or IPv6 address of a host.
    public InMemoryDns address(String host, String literal) {
        InetAddress address = InetAddress.ofLiteral(literal);
        RecordType type = address.getAddress().length == 4 ? RecordType.A : RecordType.AAAA;
        return add(host, type, new DnsRecord.Address(address));
    }

    /// Adds a text.
    public InMemoryDns txt(String name, String text) {
        return add(name, RecordType.TXT, new DnsRecord.Txt(text));
    }

    /// Adds the name of an address.
    ///
    /// @param reversed the name under `in-addr.arpa` or `ip6.arpa`
    public InMemoryDns ptr(String reversed, String host) {
        return add(reversed, RecordType.PTR, new DnsRecord.Ptr(host));
    }

    /// Adds what a certificate of a service must match.
    ///
    /// @param service such as `_25._tcp.mx.example`
    public InMemoryDns tlsa(String service, DnsRecord.Tlsa record) {
        return add(service, RecordType.TLSA, record);
    }

    /// Makes an answer that is there already one that DNSSEC vouches for.
    public InMemoryDns signed(String name, RecordType type) {
        answers.computeIfPresent(
                new Question(name, type),
                (_, answer) ->
                        answer instanceof DnsAnswer.Found(var canonical, var records, _)
                                ? new DnsAnswer.Found(canonical, records, true)
                                : answer);
        return this;
    }

    /// Sets the answer to one question, such as a failure.
    public InMemoryDns answer(String name, RecordType type, DnsAnswer answer) {
        answers.put(new Question(name, type), answer);
        return this;
    }

    private InMemoryDns add(String name, RecordType type, DnsRecord record) {
        var question = new Question(name, type);
        answers.merge(
                question,
                new DnsAnswer.Found(question.name(), List.of(record), false),
                InMemoryDns::both);
        return this;
    }

    private static DnsAnswer both(DnsAnswer old, DnsAnswer added) {
        if (!(old instanceof DnsAnswer.Found(var name, var before, var authentic))
                || !(added instanceof DnsAnswer.Found(_, var more, _))) {
            return added;
        }
        List<DnsRecord> all = new ArrayList<>(before);
        all.addAll(more);
        return new DnsAnswer.Found(name, all, authentic);
    }

    @Override
    public DnsAnswer lookup(String name, RecordType type) {
        var question = new Question(name, type);
        DnsAnswer answer = answers.get(question);
        if (answer != null) {
            return answer;
        }
        boolean exists =
                answers.keySet().stream().anyMatch(known -> known.name().equals(question.name()));
        return exists ? new DnsAnswer.NoRecords() : new DnsAnswer.NoSuchName();
    }
}
