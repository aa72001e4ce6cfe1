package org.posthorn.delivery;

import org.posthorn.api.dns.DnsAnswer;
import org.posthorn.api.dns.DnsRecord;
import org.posthorn.api.dns.RecordType;
import org.posthorn.api.dns.Resolver;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The DNS of a test.
final class Zone implements Resolver {
    private record Key(String name, RecordType type) {}

    private final Map<Key, List<DnsRecord>> records = new ConcurrentHashMap<>();
    private final Set<String> broken = new HashSet<>();

    Zone mx(String name, int preference, String exchange) {
        return add(name, RecordType.MX, new DnsRecord.Mx(preference, exchange));
    }

    Zone address(String name, String address) {
        InetAddress literal = InetAddress.ofLiteral(address);
        RecordType type = address.contains(":") ? RecordType.AAAA : RecordType.A;
        return add(name, type, new DnsRecord.Address(literal));
    }

    Zone broken(String name) {
        broken.add(name);
        return this;
    }

    private Zone add(String name, RecordType type, DnsRecord record) {
        records.computeIfAbsent(new Key(name, type), _ -> new ArrayList<>()).add(record);
        return this;
    }

    @Override
    public DnsAnswer lookup(String name, RecordType type) {
        if (broken.contains(name)) {
            return new DnsAnswer.Failed("SERVFAIL from test");
        }
        List<DnsRecord> found = records.get(new Key(name, type));
        if (found != null) {
            return new DnsAnswer.Found(name, found, false);
        }
        boolean exists = records.keySet().stream().anyMatch(key -> key.name.equals(name));
        return exists ? new DnsAnswer.NoRecords() : new DnsAnswer.NoSuchName();
    }
}
