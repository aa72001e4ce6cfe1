package org.posthorn.integration.peer;

import java.util.ArrayList;
import java.util.List;

/// A DNS zone in the making. Immutable. Names are absolute, without the final dot.
///
/// @param origin its name
/// @param records its lines besides `SOA` and `NS`
public record Zone(String origin, List<String> records) {

    /// Copies the list.
    public Zone {
        records = List.copyOf(records);
    }

    /// Returns an empty zone.
    public static Zone of(String origin) {
        return new Zone(origin, List.of());
    }

    /// Adds a mail exchanger.
    public Zone mx(String name, int preference, String exchange) {
        return record(name + ". MX " + preference + " " + exchange + ".");
    }

    /// Says that a domain takes no mail (RFC 7505).
    public Zone nullMx(String name) {
        return record(name + ". MX 0 .");
    }

    /// Adds an IPv4 or IPv6 address.
    public Zone address(String name, String address) {
        return record(name + (address.contains(":") ? ". AAAA " : ". A ") + address);
    }

    /// Adds an alias.
    public Zone alias(String name, String target) {
        return record(name + ". CNAME " + target + ".");
    }

    /// Adds a text.
    public Zone txt(String name, String text) {
        return record(name + ". TXT \"" + text + "\"");
    }

    /// Adds what a certificate of a service must match.
    ///
    /// @param numbers usage, selector and matching type: `3 1 1`
    public Zone tlsa(String service, String numbers, String hex) {
        return record(service + ". TLSA " + numbers + " " + hex);
    }

    private Zone record(String line) {
        var all = new ArrayList<>(records);
        all.add(line);
        return new Zone(origin, all);
    }

    /// Returns the zone file. What it says may be remembered for one second.
    public String text() {
        String head =
                """
                $TTL 1
                %1$s. SOA ns.%1$s. root.%1$s. 1 1 1 1 1
                %1$s. NS ns.%1$s.
                ns.%1$s. A 127.0.0.1
                """
                        .formatted(origin);
        return head + String.join("\n", records) + "\n";
    }
}
