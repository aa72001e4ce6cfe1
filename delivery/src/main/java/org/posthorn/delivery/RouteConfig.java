package org.posthorn.delivery;

import org.posthorn.api.config.Help;

import java.nio.file.Path;
import java.util.List;

/// One entry of `routes` in `posthorn.conf`. Immutable.
///
/// @param domains which recipients' domains it is for: `example.org`, `.example.org` or
///     `*.example.org` for all below it but not itself, `*` for all
/// @param to `mx`, `smtp://host:port`, `lmtp://host:port`, `maildir:path`, `hold` or `discard`
public record RouteConfig(
        @Help("Recipients' domains: example.org, *.example.org for all below it, * for all.")
                List<String> domains,
        @Help("mx, smtp://host:port, lmtp://host:port, maildir:path, hold or discard.") String to) {

    /// Checks that both can be understood.
    ///
    /// @throws IllegalArgumentException naming the setting, what was expected and what was found
    public RouteConfig {
        domains = List.copyOf(domains);
        if (domains.isEmpty()) {
            throw new IllegalArgumentException("domains: name at least one, or \"*\" for all");
        }
        domains.forEach(DomainPattern::parse);
        Route.parse(to, Path.of(""));
    }
}
