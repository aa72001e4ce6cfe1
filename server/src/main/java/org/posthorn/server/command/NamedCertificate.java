package org.posthorn.server.command;

import org.jspecify.annotations.Nullable;
import org.posthorn.api.auth.Fingerprint;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;

/// A client's certificate as a command line names it: by its fingerprint, or by its file.
final class NamedCertificate {
    private NamedCertificate() {}

    /// Returns its fingerprint.
    ///
    /// @throws IOException when the text is neither; the message says what was expected
    static Fingerprint read(String text) throws IOException {
        try {
            return Fingerprint.parse(text);
        } catch (IllegalArgumentException e) {
            return ofFile(text, e);
        }
    }

    private static Fingerprint ofFile(String text, IllegalArgumentException why)
            throws IOException {
        Path file = path(text);
        if (file == null || !Files.exists(file)) {
            throw new IOException(
                    "'" + text + "' is neither a fingerprint nor a file: " + why.getMessage(), why);
        }
        try (InputStream in = Files.newInputStream(file)) {
            Certificate first = CertificateFactory.getInstance("X.509").generateCertificate(in);
            return Fingerprint.of(MessageDigest.getInstance("SHA-256").digest(first.getEncoded()));
        } catch (CertificateException e) {
            throw new IOException(file + " does not begin with a certificate (PEM or DER)", e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static @Nullable Path path(String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException _) {
            return null;
        }
    }
}
