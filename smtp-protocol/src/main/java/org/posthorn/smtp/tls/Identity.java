package org.posthorn.smtp.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// One of our certificates as its files hold it. Immutable.
///
/// @param files where it comes from
/// @param pem both files' text
/// @param chain the certificate, and those that lead to its root
/// @param key the private key
/// @param names the host names that it is shown for, in lower case
record Identity(
        CertificateFiles files,
        List<String> pem,
        List<X509Certificate> chain,
        PrivateKey key,
        List<String> names) {
    private static final Pattern KEY =
            Pattern.compile(
                    "-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
    private static final int DNS_NAME = 2;

    static Identity read(CertificateFiles files) throws IOException {
        String certificate = text(files.certificate(), "certificate");
        String secret = text(files.key(), "key");
        List<X509Certificate> chain = certificates(certificate, files.certificate());
        PrivateKey key = key(secret, chain.getFirst().getPublicKey(), files);
        List<String> names = files.names().isEmpty() ? names(chain.getFirst()) : files.names();
        return new Identity(
                files,
                List.of(certificate, secret),
                chain,
                key,
                names.stream().map(name -> name.toLowerCase(Locale.ROOT)).toList());
    }

    private static PrivateKey key(String text, PublicKey ours, CertificateFiles files)
            throws IOException {
        try {
            Matcher pem = KEY.matcher(text);
            byte[] octets = pem.find() ? Base64.getMimeDecoder().decode(pem.group(1)) : new byte[0];
            PrivateKey key =
                    KeyFactory.getInstance(ours.getAlgorithm())
                            .generatePrivate(new PKCS8EncodedKeySpec(octets));
            if (!belong(key, ours)) {
                throw new IOException(
                        "the key " + files.key() + " is not that of " + files.certificate());
            }
            return key;
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException(
                    "there is no key for "
                            + files.certificate()
                            + " in "
                            + files.key()
                            + ": expected PEM files, a private key in PKCS #8 without a password",
                    e);
        }
    }

    /// Tells whether what one signs is good for the other.
    private static boolean belong(PrivateKey key, PublicKey other) throws GeneralSecurityException {
        Signature signature =
                Signature.getInstance(
                        switch (key.getAlgorithm()) {
                            case "RSA", "RSASSA-PSS" -> "SHA256withRSA";
                            case "EC" -> "SHA256withECDSA";
                            default -> key.getAlgorithm();
                        });
        byte[] sample = {1};
        signature.initSign(key);
        signature.update(sample);
        byte[] signed = signature.sign();
        signature.initVerify(other);
        signature.update(sample);
        return signature.verify(signed);
    }

    /// Reads a PEM file.
    static String text(Path file, String what) throws IOException {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new IOException(
                    Files.exists(file)
                            ? "the TLS " + what + " at " + file + " cannot be read: " + e
                            : "there is no TLS " + what + " at " + file,
                    e);
        }
    }

    /// Returns all certificates of a PEM file, at least one.
    static List<X509Certificate> certificates(String text, Path file) throws IOException {
        Collection<? extends Certificate> all;
        try {
            all =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(
                                    new ByteArrayInputStream(
                                            text.getBytes(StandardCharsets.ISO_8859_1)));
        } catch (CertificateException e) {
            throw new IOException(noCertificate(file), e);
        }
        if (all.isEmpty()) {
            throw new IOException(noCertificate(file));
        }
        return all.stream().map(X509Certificate.class::cast).toList();
    }

    private static String noCertificate(Path file) {
        return "there is no certificate in "
                + file
                + ": expected PEM files, of a certificate and those that lead to its root";
    }

    /// Returns the DNS names that a certificate is for (RFC 9525 §6.3): the subject does not count.
    private static List<String> names(X509Certificate certificate) {
        try {
            Collection<List<?>> all = certificate.getSubjectAlternativeNames();
            return all == null
                    ? List.of()
                    : all.stream()
                            .filter(name -> name.getFirst().equals(DNS_NAME))
                            .map(name -> (String) name.getLast())
                            .toList();
        } catch (CertificateParsingException e) {
            return List.of();
        }
    }

    /// Tells whether a client that asks for this host name is meant. A `*` stands for one label.
    boolean isFor(String name) {
        int dot = name.indexOf('.');
        return names.contains(name) || dot > 0 && names.contains("*" + name.substring(dot));
    }

    /// Tells whether the files held the same then as for another.
    boolean isSame(Identity other) {
        return pem.equals(other.pem);
    }
}
