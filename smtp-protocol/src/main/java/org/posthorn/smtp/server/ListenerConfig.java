package org.posthorn.smtp.server;

import org.posthorn.api.config.Default;
import org.posthorn.api.config.Help;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/// One block of `listeners`. Immutable.
///
/// @param address the IP address to listen on
/// @param port the port
/// @param kind whom it serves
/// @param tls how TLS begins
public record ListenerConfig(
        @Help("IP address to listen on: 0.0.0.0 or :: for all.") @Default("127.0.0.1")
                String address,
        @Help("TCP port, 1 to 65535; 0 for any free one.") int port,
        @Help("Whom it serves: smtp is for other mail servers.") @Default("smtp") Kind kind,
        @Help("How TLS begins: starttls, implicit, or none.") @Default("starttls") Tls tls) {

    /// Checks address and port.
    ///
    /// @throws IllegalArgumentException when the address is a name or nothing at all, or the port
    ///     is out of range
    public ListenerConfig {
        try {
            InetAddress.ofLiteral(address);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "address must be an IP address such as 127.0.0.1 or ::1, not '" + address + "'",
                    e);
        }
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port must be 0 to 65535, not " + port);
        }
    }

    /// Returns address and port as the operating system wants them.
    public InetSocketAddress socketAddress() {
        return new InetSocketAddress(InetAddress.ofLiteral(address), port);
    }

    /// Whom a listener serves.
    public enum Kind {
        /// Other mail servers (RFC 5321).
        SMTP
    }

    /// How TLS begins.
    public enum Tls {
        /// It does not.
        NONE,
        /// When the client asks for it (RFC 3207); offered when there is a certificate.
        STARTTLS,
        /// With the first octet (RFC 8314).
        IMPLICIT
    }
}
