package org.posthorn.smtp.server.sasl;

import org.posthorn.api.plugin.Session.ClientCertificate;

import java.util.Map;
import java.util.Optional;

/// What TLS gives to authentication. Immutable.
///
/// @param certificate the certificate that the client has shown, verified or not
/// @param bindings what an exchange can be bound by, by its type, such as `tls-exporter` (RFC 9266)
///     or `tls-server-end-point` (RFC 5929)
public record SaslChannel(Optional<ClientCertificate> certificate, Map<String, byte[]> bindings) {
    /// A connection without TLS.
    public static final SaslChannel NONE = new SaslChannel(Optional.empty(), Map.of());

    /// Copies the map.
    public SaslChannel {
        bindings = Map.copyOf(bindings);
    }
}
