package org.posthorn.delivery;

import org.posthorn.queue.Job;
import org.posthorn.smtp.client.Origin;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/// Where messages came from: as a trusted client told us when it handed them over, and otherwise
/// from that client itself.
final class Origins {
    private static final String FORWARDED = "forwarded-";

    private Origins() {}

    static Origin of(Job job) {
        Map<String, String> facts = job.metadata();
        return facts.keySet().stream().anyMatch(it -> it.startsWith(FORWARDED))
                ? forwarded(facts)
                : ours(facts, job.message().toString());
    }

    private static Origin forwarded(Map<String, String> facts) {
        return new Origin(
                Origin.NAMES.stream()
                        .collect(
                                Collectors.toMap(
                                        name -> name,
                                        name -> fact(facts, FORWARDED + lower(name)))));
    }

    private static String lower(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    /// What came from no client is our own, such as a bounce.
    private static Origin ours(Map<String, String> facts, String ident) {
        Map<String, String> attributes = new HashMap<>();
        attributes.put("IDENT", ident);
        attributes.put("SOURCE", facts.containsKey("client") ? "REMOTE" : "LOCAL");
        attributes.put("NAME", fact(facts, "client-name"));
        attributes.put("ADDR", address(fact(facts, "client")));
        attributes.put("PORT", fact(facts, "client-port").replaceFirst("^0$", ""));
        attributes.put("HELO", fact(facts, "helo"));
        attributes.put("PROTO", protocol(fact(facts, "protocol")));
        return new Origin(attributes);
    }

    /// `0.0.0.0` is a client of whom a trusted peer knows no address.
    private static String address(String client) {
        if (client.equals("0.0.0.0")) {
            return "";
        }
        return client.contains(":") ? "IPV6:" + client.replaceFirst("%.*", "") : client;
    }

    /// There are two only (RFC 3848 has more).
    private static String protocol(String with) {
        return with.isEmpty() || with.equals("SMTP") ? with : "ESMTP";
    }

    private static String fact(Map<String, String> facts, String key) {
        return facts.getOrDefault(key, "");
    }
}
