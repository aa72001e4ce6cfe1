package org.posthorn.api.auth;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a server keeps in place of a password (RFC 5802 §3): enough to verify it, not enough to log
/// in with. Immutable.
///
/// @param hash the hash function
/// @param iterations how often it is applied, 4,096 or more (RFC 7677 §4)
/// @param salt 8 to 64 octets
/// @param storedKey the hash of the client's key
/// @param serverKey what the server proves itself by
public record ScramRecord(
        ScramHash hash,
        int iterations,
        ByteBuffer salt,
        ByteBuffer storedKey,
        ByteBuffer serverKey) {
    /// The most iterations: what a client does in a second or so.
    public static final int MOST_ITERATIONS = 10_000_000;

    private static final Pattern FORM =
            Pattern.compile(
                    "(SCRAM-SHA-[0-9]+)\\$([0-9]{1,8}):([A-Za-z0-9+/=]+)\\$"
                            + "([A-Za-z0-9+/=]+):([A-Za-z0-9+/=]+)");

    /// Checks the bounds.
    ///
    /// @throws IllegalArgumentException when a value is out of them
    public ScramRecord {
        if (iterations < Accounts.LEAST_ITERATIONS || iterations > MOST_ITERATIONS) {
            throw new IllegalArgumentException(
                    "iterations are %d to %d, not %d"
                            .formatted(Accounts.LEAST_ITERATIONS, MOST_ITERATIONS, iterations));
        }
        if (salt.remaining() < 8 || salt.remaining() > 64) {
            throw new IllegalArgumentException(
                    "a salt has 8 to 64 octets, not " + salt.remaining());
        }
        if (storedKey.remaining() != hash.length() || serverKey.remaining() != hash.length()) {
            throw new IllegalArgumentException(
                    "the keys of " + hash.mechanism() + " have " + hash.length() + " octets");
        }
        salt = salt.asReadOnlyBuffer();
        storedKey = storedKey.asReadOnlyBuffer();
        serverKey = serverKey.asReadOnlyBuffer();
    }

    /// Reads the form of RFC 5803, such as `SCRAM-SHA-256$65536:salt$stored-key:server-key`, where
    /// the last three are Base64.
    ///
    /// @throws IllegalArgumentException when it is not that; the message says why, without the keys
    public static ScramRecord parse(String text) {
        Matcher parts = FORM.matcher(text);
        if (!parts.matches()) {
            throw new IllegalArgumentException(
                    "a record is SCRAM-SHA-256$iterations:salt$stored-key:server-key");
        }
        return new ScramRecord(
                hash(parts.group(1)),
                Integer.parseInt(parts.group(2)),
                octets(parts.group(3)),
                octets(parts.group(4)),
                octets(parts.group(5)));
    }

    private static ScramHash hash(String mechanism) {
        for (ScramHash hash : ScramHash.values()) {
            if (hash.mechanism().equals(mechanism)) {
                return hash;
            }
        }
        throw new IllegalArgumentException(
                "a record is of SCRAM-SHA-256 or SCRAM-SHA-1, not of " + mechanism);
    }

    private static ByteBuffer octets(String base64) {
        try {
            return ByteBuffer.wrap(Base64.getDecoder().decode(base64));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("salt and keys of a record are Base64", e);
        }
    }

    /// Returns the form that [#parse] reads.
    public String text() {
        return "%s$%d:%s$%s:%s"
                .formatted(
                        hash.mechanism(),
                        iterations,
                        base64(salt),
                        base64(storedKey),
                        base64(serverKey));
    }

    private static String base64(ByteBuffer octets) {
        byte[] copy = new byte[octets.remaining()];
        octets.duplicate().get(copy);
        return Base64.getEncoder().encodeToString(copy);
    }

    /// Returns the mechanism alone: keys do not belong into logs.
    @Override
    public String toString() {
        return hash.mechanism();
    }
}
