package org.posthorn.smtp.sasl;

import java.nio.ByteBuffer;
import java.util.Optional;

/// The one message of `PLAIN` (RFC 4616 §2). Immutable.
///
/// @param authorization whom the client asks to be, if not simply who it is
/// @param name who it is
/// @param password its password
public record PlainMessage(Optional<String> authorization, String name, String password) {

    /// Reads a message.
    ///
    /// @throws SaslSyntaxException when it is none
    public static PlainMessage parse(ByteBuffer octets) throws SaslSyntaxException {
        String text = SaslText.utf8(octets);
        int first = text.indexOf('\0');
        int second = text.indexOf('\0', first + 1);
        if (first < 0 || second < 0 || text.indexOf('\0', second + 1) >= 0) {
            throw new SaslSyntaxException(
                    "a message of PLAIN is three texts with a NUL between them");
        }
        if (second == first + 1 || second == text.length() - 1) {
            throw new SaslSyntaxException("PLAIN has a name and a password");
        }
        return new PlainMessage(
                Optional.of(text.substring(0, first)).filter(it -> !it.isEmpty()),
                text.substring(first + 1, second),
                text.substring(second + 1));
    }

    /// Writes it.
    public ByteBuffer octets() {
        return SaslText.octetsOf(authorization.orElse("") + '\0' + name + '\0' + password);
    }

    /// Returns the name alone: passwords do not belong into logs.
    @Override
    public String toString() {
        return "PLAIN of " + name;
    }
}
