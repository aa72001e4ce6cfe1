package org.posthorn.smtp.server.sasl;

import org.posthorn.api.auth.Exchange.Step;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Function;

/// How mechanisms begin in which the client speaks first.
final class ClientFirst {
    private static final Step GO_ON = new Step.Challenge(ByteBuffer.allocate(0).asReadOnlyBuffer());

    private ClientFirst() {}

    /// Takes the initial response, or asks for it by an empty challenge (RFC 4954 §4).
    static Step start(Optional<ByteBuffer> response, Function<ByteBuffer, Step> respond) {
        return response.map(respond).orElse(GO_ON);
    }
}
