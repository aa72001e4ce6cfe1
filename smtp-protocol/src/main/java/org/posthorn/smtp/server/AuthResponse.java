package org.posthorn.smtp.server;

import org.posthorn.smtp.sasl.SaslText;

import java.nio.ByteBuffer;
import java.util.Optional;

/// A line of a client within an authentication exchange (RFC 4954 §4).
sealed interface AuthResponse {

    /// The client does not want to go on.
    record Cancelled() implements AuthResponse {}

    /// It is no Base64, or no line.
    record Malformed() implements AuthResponse {}

    /// It is longer than any mechanism needs.
    record TooLong() implements AuthResponse {}

    /// A response, decoded.
    record Octets(ByteBuffer octets) implements AuthResponse {}

    /// Reads a line.
    static AuthResponse of(String line) {
        if (line.equals("*")) {
            return new Cancelled();
        }
        return SaslText.octets(line)
                .<AuthResponse>map(it -> new Octets(ByteBuffer.wrap(it).asReadOnlyBuffer()))
                .orElseGet(Malformed::new);
    }

    /// Reads what stands behind a mechanism, where `=` is an empty response.
    static Optional<AuthResponse> initial(Optional<String> text) {
        return text.map(it -> of(it.equals("=") ? "" : it));
    }
}
