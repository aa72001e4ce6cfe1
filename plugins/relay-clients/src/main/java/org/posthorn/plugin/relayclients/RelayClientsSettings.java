package org.posthorn.plugin.relayclients;

import org.posthorn.api.config.Help;
import org.posthorn.api.net.Network;

import java.util.List;

/// The settings of `relay-clients`.
///
/// @param networks at least one
record RelayClientsSettings(
        @Help(
                        """
                        The networks whose clients may send mail to anywhere, such as \
                        `192.0.2.0/24`, `2001:db8::/32` or one address.""")
                List<Network> networks) {

    RelayClientsSettings {
        networks = List.copyOf(networks);
        if (networks.isEmpty()) {
            throw new IllegalArgumentException("networks: name at least one network");
        }
    }
}
