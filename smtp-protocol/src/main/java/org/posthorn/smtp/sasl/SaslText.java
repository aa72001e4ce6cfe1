package org.posthorn.smtp.sasl;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;

/// Octets and text as SASL messages hold them.
public final class SaslText {
    private SaslText() {}

    /// Decodes Base64 strictly: the alphabet of RFC 4648 §4, padded, no white space, and no bits
    /// behind the last octet.
    ///
    /// @return nothing, when it is anything else
    public static Optional<byte[]> octets(String base64) {
        try {
            byte[] octets = Base64.getDecoder().decode(base64);
            return base64(octets).equals(base64) ? Optional.of(octets) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /// Encodes Base64, padded.
    public static String base64(byte[] octets) {
        return Base64.getEncoder().encodeToString(octets);
    }

    /// Encodes Base64, padded.
    public static String base64(ByteBuffer octets) {
        return base64(array(octets));
    }

    /// Copies what a buffer has left, and leaves it as it is.
    public static byte[] array(ByteBuffer octets) {
        byte[] copy = new byte[octets.remaining()];
        octets.duplicate().get(copy);
        return copy;
    }

    /// Reads UTF-8 strictly.
    ///
    /// @throws SaslSyntaxException when it is not UTF-8
    public static String utf8(ByteBuffer octets) throws SaslSyntaxException {
        try {
            CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(octets.duplicate());
            return text.toString();
        } catch (CharacterCodingException e) {
            throw new SaslSyntaxException("a message is UTF-8");
        }
    }

    /// Writes UTF-8.
    public static ByteBuffer octetsOf(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)).asReadOnlyBuffer();
    }

    static byte[] required(String base64, String what) throws SaslSyntaxException {
        return octets(base64)
                .orElseThrow(() -> new SaslSyntaxException(what + " of Base64 was expected"));
    }

    static byte[] xor(byte[] one, byte[] other) {
        byte[] both = Arrays.copyOf(one, one.length);
        for (int i = 0; i < both.length; i++) {
            both[i] ^= other[i];
        }
        return both;
    }
}
