package org.posthorn.smtp.server;

import org.jspecify.annotations.Nullable;
import org.posthorn.api.plugin.CloseReason;
import org.posthorn.api.smtp.Reply;
import org.posthorn.smtp.server.State.Closed;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// What a command leads to.
///
/// @param state the session's next state
/// @param before what the client is told first, where there are several replies
/// @param reply what the client is told; nothing yet when octets are to come before
/// @param plugin who decided that; nothing for the server itself
record Step(State state, List<Reply> before, @Nullable Reply reply, Optional<String> plugin) {
    /// A step with one reply.
    Step(State state, @Nullable Reply reply, Optional<String> plugin) {
        this(state, List.of(), reply, plugin);
    }

    /// A step on which nothing is said.
    static Step silent(State state) {
        return new Step(state, List.of(), null, Optional.empty());
    }

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
