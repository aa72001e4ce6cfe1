package org.posthorn.smtp.tls;

import org.posthorn.api.config.Default;
import org.posthorn.api.config.Help;

import java.nio.file.Path;
import java.util.List;

/// One of `tls.certificates`: a certificate with its key, for clients that ask for certain names.
/// Immutable.
///
/// @param certificate PEM
/// @param key PEM
/// @param names host names, with `*` for a first label; when there are none, those that the
///     certificate says it is for
public record CertificateFiles(
        @Help("PEM file with the certificate and, behind it, those that lead to its root.")
                Path certificate,
        @Help("PEM file with the private key in PKCS #8, without a password.") Path key,
        @Help(
                        """
                        Host names that clients ask for to be shown it, such as mx.example.net or \
                        *.example.net. Without any: the DNS names that the certificate itself has.""")
                @Default("[]")
                List<String> names) {

    /// Copies the list.
    public CertificateFiles {
        names = List.copyOf(names);
    }
}
