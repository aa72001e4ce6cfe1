package org.posthorn.plugin.relaydomains;

import org.posthorn.api.mail.Recipient;
import org.posthorn.api.plugin.Hooks;
import org.posthorn.api.plugin.Plugin;
import org.posthorn.api.plugin.PluginContext;
import org.posthorn.api.plugin.Session;
import org.posthorn.api.plugin.SessionHooks;
import org.posthorn.api.plugin.Transaction;
import org.posthorn.api.plugin.Verdict;

import java.util.Set;
import java.util.stream.Collectors;

/// Vouches for recipients in the domains that this server receives mail for (RFC 5321 §3.9).
public final class RelayDomainsPlugin implements Plugin<RelayDomainsSettings> {

    /// Makes the provider.
    public RelayDomainsPlugin() {}

    @Override
    public String name() {
        return "relay-domains";
    }

    @Override
    public Class<RelayDomainsSettings> settings() {
        return RelayDomainsSettings.class;
    }

    @Override
    public Hooks start(RelayDomainsSettings settings, PluginContext context) {
        return new RelayDomains(
                settings.domains().stream().map(DomainPattern::parse).collect(Collectors.toSet()));
    }

    /// One configured instance, which keeps nothing of a session.
    private record RelayDomains(Set<DomainPattern> ours) implements Hooks, SessionHooks {

        @Override
        public SessionHooks join(Session session) {
            return this;
        }

        @Override
        public boolean mayBlock() {
            return false;
        }

        @Override
        public Verdict rcpt(Transaction transaction, Recipient recipient) {
            DomainPattern pattern = DomainPattern.exactly(recipient.mailbox().domain());
            if (ours.contains(pattern)) {
                return Verdict.ACCEPT;
            }
            for (DomainPattern up = pattern.up(); !up.equals(pattern); up = up.up()) {
                if (ours.contains(up)) {
                    return Verdict.ACCEPT;
                }
                pattern = up;
            }
            return Verdict.NO_OPINION;
        }
    }
}
