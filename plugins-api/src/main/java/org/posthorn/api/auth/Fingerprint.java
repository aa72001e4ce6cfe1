package org.posthorn.api.auth;

import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Pattern;

/// What a source keeps of a client's certificate: its SHA-256, which no other certificate has.
/// Immutable.
///
/// @param sha256 64 hexadecimal digits in lower case, as in
///     [org.posthorn.api.plugin.Session.ClientCertificate#sha256]
public record Fingerprint(String sha256) {
    private static final Pattern FORM =
            Pattern.compile("(?i)[0-9a-f]{64}|[0-9a-f]{2}(?::[0-9a-f]{2}){31}");

    /// Checks the form.
    ///
    /// @throws IllegalArgumentException when it is another
    public Fingerprint {
        if (sha256.length() != 64 || !sha256.equals(digits(sha256))) {
            throw new IllegalArgumentException(
                    "a fingerprint has 64 lower-case hexadecimal digits");
        }
    }

    /// Reads a fingerprint as programs print it: in either case, with or without colons.
    ///
    /// @throws IllegalArgumentException when it is none
    public static Fingerprint parse(String text) {
        return new Fingerprint(digits(text));
    }

    private static String digits(String text) {
        if (!FORM.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    "a fingerprint is the SHA-256 of a certificate: 64 hexadecimal digits, as"
                            + " `openssl x509 -noout -fingerprint -sha256 -in FILE` prints them");
        }
        return text.replace(":", "").toLowerCase(Locale.ROOT);
    }

    /// Makes it of 32 octets.
    ///
    /// @throws IllegalArgumentException when there are more or fewer
    public static Fingerprint of(byte[] octets) {
        return new Fingerprint(HexFormat.of().formatHex(octets));
    }

    /// Returns the digits.
    @Override
    public String toString() {
        return sha256;
    }
}
