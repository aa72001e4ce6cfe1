package org.posthorn.delivery;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// Where sessions go, whatever the recipient's domain is. Domains with the same mail exchangers
/// have the same. Immutable.
///
/// @param text as operators know it: `mx1.example.org,mx2.example.org`, `smtp://192.0.2.1:25`
record SiteName(String text) {
    private static final int MOST_HOSTS = 20;

    /// Names the mail exchangers of a domain, in whatever order.
    static SiteName ofExchangers(List<String> hosts) {
        return new SiteName(
                hosts.stream()
                        .map(it -> it.toLowerCase(Locale.ROOT))
                        .distinct()
                        .sorted()
                        .limit(MOST_HOSTS)
                        .collect(Collectors.joining(",")));
    }

    /// Names the servers of a route.
    ///
    /// @param scheme such as `smtp`
    static SiteName ofServers(String scheme, List<HostPort> servers) {
        return new SiteName(
                scheme
                        + "://"
                        + servers.stream()
                                .map(HostPort::toString)
                                .collect(Collectors.joining(",")));
    }

    @Override
    public String toString() {
        return text;
    }
}
