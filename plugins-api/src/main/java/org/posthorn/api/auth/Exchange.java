package org.posthorn.api.auth;

import java.nio.ByteBuffer;
import java.util.Optional;

/// One authentication exchange between a client and a source (RFC 4422 §3). For one thread at a
/// time.
public interface Exchange extends AutoCloseable {

    /// Begins. For the mechanisms in which the client speaks first, the server makes sure that
    /// there is a response.
    ///
    /// @param response the client's initial response, decoded, if it sent one
    Step start(Optional<ByteBuffer> response);

    /// Goes on.
    ///
    /// @param response the client's response to the last challenge, decoded
    Step respond(ByteBuffer response);

    /// Ends it. Called once, also when the client cancels or leaves.
    @Override
    default void close() {}

    /// What follows.
    sealed interface Step {

        /// The client is challenged.
        ///
        /// @param octets not encoded
        record Challenge(ByteBuffer octets) implements Step {}

        /// The exchange is over.
        ///
        /// @param answer what it came to
        /// @param lastWord what the mechanism says to a client that was believed, not encoded
        record Ended(AuthAnswer answer, Optional<ByteBuffer> lastWord) implements Step {

            /// Ends an exchange without a last word.
            public static Ended with(AuthAnswer answer) {
                return new Ended(answer, Optional.empty());
            }
        }
    }
}
