package org.posthorn.smtp.tls;

import java.nio.file.Path;
import java.util.Optional;

/// Whether clients are asked for a certificate, and whom we trust to vouch for it. Immutable.
///
/// @param certificates whether they are asked
/// @param authorities PEM: the certificates that those of clients must lead to
/// @param exporter whether clients can be bound by `tls-exporter` when they authenticate (RFC
///     9266), which takes TLS of the JDK's
public record ClientPolicy(
        ClientCertificates certificates, Optional<Path> authorities, boolean exporter) {
    /// No client is asked.
    public static final ClientPolicy NONE =
            new ClientPolicy(ClientCertificates.NONE, Optional.empty());

    /// Makes a policy for clients who do not authenticate.
    public ClientPolicy(ClientCertificates certificates, Optional<Path> authorities) {
        this(certificates, authorities, false);
    }

    /// Checks that certificates that are required can be judged.
    ///
    /// @throws IllegalArgumentException when they cannot
    public ClientPolicy {
        if (certificates == ClientCertificates.REQUIRE && authorities.isEmpty()) {
            throw new IllegalArgumentException(
                    "client-authorities is missing: name the PEM file of those who vouch for"
                            + " clients, or have client-certificates = request");
        }
    }

    /// Whether clients are asked for a certificate.
    public enum ClientCertificates {
        /// They are not.
        NONE,
        /// They are; whether it is there and good is for plugins to judge.
        REQUEST,
        /// They are; without a good one there is no TLS.
        REQUIRE
    }
}
