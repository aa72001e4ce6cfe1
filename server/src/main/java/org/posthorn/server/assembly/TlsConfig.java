package org.posthorn.server.assembly;

import org.posthorn.api.config.Help;

import java.nio.file.Path;

/// The `tls` block. Immutable.
///
/// @param certificate PEM
/// @param key PEM
public record TlsConfig(
        @Help("PEM file with the certificate and, behind it, those that lead to its root.")
                Path certificate,
        @Help("PEM file with the private key in PKCS #8, without a password.") Path key) {}
