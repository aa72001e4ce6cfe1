package org.posthorn.server.management;

import org.posthorn.api.config.Default;
import org.posthorn.api.config.Help;

import java.net.InetAddress;

/// The `jmx` block. Immutable.
///
/// @param address a loopback address
/// @param port the port
public record JmxConfig(
        @Help("IP address to listen on, of this machine only: it is not encrypted.")
                @Default("127.0.0.1")
                InetAddress address,
        @Help("TCP port, 1 to 65535; 0 for any free one.") @Default("2590") int port) {

    /// Checks address and port.
    ///
    /// @throws IllegalArgumentException when others could reach it, or the port is out of range
    public JmxConfig {
        if (!address.isLoopbackAddress()) {
            throw new IllegalArgumentException(
                    "address must be of this machine only, such as 127.0.0.1 or ::1: what goes over"
                            + " it is not encrypted");
        }
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port must be 0 to 65535, not " + port);
        }
    }
}
