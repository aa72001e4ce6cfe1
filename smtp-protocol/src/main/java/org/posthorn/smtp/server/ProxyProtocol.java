package org.posthorn.smtp.server;

import org.posthorn.api.config.Default;
import org.posthorn.api.config.Help;
import org.posthorn.api.net.Network;

import java.net.InetAddress;
import java.util.List;

/// The `proxy-protocol` block of a listener. Immutable.
///
/// @param trusted from where connections begin with a PROXY header
public record ProxyProtocol(
        @Help(
                        """
                        Networks of proxies: connections from there, and from nowhere else, must begin \
                        with a header of the PROXY protocol, version 1 or 2.""")
                @Default("[]")
                List<Network> trusted) {
    /// No proxies at all.
    public static final ProxyProtocol NONE = new ProxyProtocol(List.of());

    /// Copies the list.
    public ProxyProtocol {
        trusted = List.copyOf(trusted);
    }

    /// Tells whether connections from this address begin with a header.
    boolean trusts(InetAddress peer) {
        return trusted.stream().anyMatch(network -> network.contains(peer));
    }
}
