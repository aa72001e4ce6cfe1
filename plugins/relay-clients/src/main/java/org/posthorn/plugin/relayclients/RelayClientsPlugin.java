package org.posthorn.plugin.relayclients;

import org.posthorn.api.mail.Recipient;
import org.posthorn.api.net.Network;
import org.posthorn.api.plugin.Hooks;
import org.posthorn.api.plugin.Plugin;
import org.posthorn.api.plugin.PluginContext;
import org.posthorn.api.plugin.Session;
import org.posthorn.api.plugin.SessionHooks;
import org.posthorn.api.plugin.Transaction;
import org.posthorn.api.plugin.Verdict;

import java.net.InetAddress;
import java.util.List;

/// Vouches for whatever recipient a client of a trusted network names (RFC 5321 §3.9).
public final class RelayClientsPlugin implements Plugin<RelayClientsSettings> {

    /// Makes the provider.
    public RelayClientsPlugin() {}

    @Override
    public String name() {
        return "relay-clients";
    }

    @Override
    public Class<RelayClientsSettings> settings() {
        return RelayClientsSettings.class;
    }

    @Override
    public Hooks start(RelayClientsSettings settings, PluginContext context) {
        return new RelayClients(settings.networks());
    }

    /// One configured instance.
    private record RelayClients(List<Network> trusted) implements Hooks {

        @Override
        public SessionHooks join(Session session) {
            InetAddress client = session.client().getAddress();
            return new Client(trusted.stream().anyMatch(network -> network.contains(client)));
        }

        @Override
        public boolean mayBlock() {
            return false;
        }
    }

    /// One connection's client.
    private record Client(boolean trusted) implements SessionHooks {

        @Override
        public Verdict rcpt(Transaction transaction, Recipient recipient) {
            return trusted ? Verdict.ACCEPT : Verdict.NO_OPINION;
        }
    }
}
