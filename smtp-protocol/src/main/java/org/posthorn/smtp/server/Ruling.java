package org.posthorn.smtp.server;

import org.posthorn.api.smtp.Reply;

import java.util.Optional;

/// What became of a command when all had been asked: the plugins, and the server's own rule.
sealed interface Ruling {
    /// It passes.
    Ruling PASSED = new Passed();

    /// It passes.
    record Passed() implements Ruling {}

    /// It fails.
    ///
    /// @param reply what the client is told
    /// @param close whether the connection ends with it
    /// @param plugin who decided; nothing for the server itself
    record Refused(Reply reply, boolean close, Optional<String> plugin) implements Ruling {
        /// Refuses by the server's own rule.
        static Refused by(Reply reply) {
            return new Refused(reply, false, Optional.empty());
        }
    }
}
