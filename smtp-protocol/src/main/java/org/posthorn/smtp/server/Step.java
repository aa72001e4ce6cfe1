package org.posthorn.smtp.server;

import org.posthorn.api.plugin.CloseReason;
import org.posthorn.api.smtp.Reply;
import org.posthorn.smtp.server.State.Closed;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// What a command leads to.
///
/// @param state the session's next state
/// @param reply what the client is told
/// @param plugin who decided that; nothing for the server itself
record Step(State state, Reply reply, Optional<String> plugin) {
    /// A step that the server itself decided.
    static Step to(State state, Reply reply) {
        return new Step(state, reply, Optional.empty());
    }

    /// The same, where nobody had to be asked.
    static CompletableFuture<Step> at(State state, Reply reply) {
        return CompletableFuture.completedFuture(to(state, reply));
    }

    /// A refusal, in which the state stays or the session ends.
    static Step refused(State state, Ruling.Refused refused) {
        return new Step(
                refused.close() ? new Closed(CloseReason.REFUSED) : state,
                refused.reply(),
                refused.plugin());
    }
}
