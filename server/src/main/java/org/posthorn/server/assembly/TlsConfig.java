package org.posthorn.server.assembly;

import org.posthorn.api.config.Default;
import org.posthorn.api.config.Help;
import org.posthorn.smtp.tls.CertificateFiles;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// The `tls` block. Immutable.
///
/// @param certificate PEM
/// @param key PEM
/// @param certificates more of them, for other names
/// @param checkInterval how often the files are looked at; zero for never
public record TlsConfig(
        @Help("PEM file with the certificate and, behind it, those that lead to its root.")
                Path certificate,
        @Help("PEM file with the private key in PKCS #8, without a password.") Path key,
        @Help(
                        """
                        More certificates, for clients that ask for other names (SNI). Whoever asks \
                        for none, or for an unknown one, is shown the first certificate.""")
                @Default("[]")
                List<CertificateFiles> certificates,
        @Help(
                        """
                        How often the files are looked at; what has changed is used from then on, \
                        without ending a session. 0s: only when the management asks for it.""")
                @Default("1m")
                Duration checkInterval) {

    /// Copies the list.
    public TlsConfig {
        certificates = List.copyOf(certificates);
    }

    /// Returns all certificates, that for whoever asks for no name first.
    List<CertificateFiles> files() {
        List<CertificateFiles> all = new ArrayList<>();
        all.add(new CertificateFiles(certificate, key, List.of()));
        all.addAll(certificates);
        return all;
    }
}
