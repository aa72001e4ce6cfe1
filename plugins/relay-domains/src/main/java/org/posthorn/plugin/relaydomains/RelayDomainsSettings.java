package org.posthorn.plugin.relaydomains;

import org.posthorn.api.config.Help;

import java.util.List;

/// The settings of `relay-domains`.
///
/// @param domains names and patterns, at least one
record RelayDomainsSettings(
        @Help(
                        """
                        The domains that mail is received for: a name, or `.example.org` for all \
                        domains below `example.org`, which is itself not meant by that.""")
                List<String> domains) {

    RelayDomainsSettings {
        domains = List.copyOf(domains);
        if (domains.isEmpty()) {
            throw new IllegalArgumentException("domains: name at least one domain");
        }
        domains.forEach(RelayDomainsSettings::check);
    }

    private static void check(String domain) {
        try {
            DomainPattern.parse(domain);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "domains: '"
                            + domain
                            + "' is not a domain such as example.org or .example.org: "
                            + e.getMessage(),
                    e);
        }
    }
}
