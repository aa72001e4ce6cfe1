package org.posthorn.delivery;

import org.posthorn.smtp.client.TlsFacts;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.util.HexFormat;
import java.util.Locale;

/// The SHA-256 of a server's certificate or of its public key, as a route names it. Immutable.
///
/// @param hex 64 hexadecimal digits in lower case
record Fingerprint(String hex) {

    /// Reads what stands in the configuration: with colons or without.
    ///
    /// @throws IllegalArgumentException saying what was expected
    static Fingerprint parse(String text) {
        String hex = text.replace(":", "").toLowerCase(Locale.ROOT);
        if (!hex.matches("[0-9a-f]{64}")) {
            throw new IllegalArgumentException(
                    "'%s' is no fingerprint: expected the SHA-256 of a certificate or a public key, 64 hexadecimal digits"
                            .formatted(text));
        }
        return new Fingerprint(hex);
    }

    /// Tells whether it is that of a server's own certificate, or of the key in it.
    boolean matches(TlsFacts facts) throws CertificateEncodingException {
        return sha256(facts.certificate().getEncoded()).equals(hex)
                || sha256(facts.certificate().getPublicKey().getEncoded()).equals(hex);
    }

    private static String sha256(byte[] octets) {
        return digest("SHA-256", octets);
    }

    /// Returns a digest, in lower case hexadecimal digits.
    static String digest(String algorithm, byte[] octets) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(octets));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java runtime has no " + algorithm, e);
        }
    }
}
