package org.posthorn.smtp.server;

import org.posthorn.api.plugin.CloseReason;

/// How far a session has got. Each state holds exactly what is true in it, so forgetting a
/// transaction is dropping a record, not clearing fields.
sealed interface State {
    /// Nothing is known of the client.
    Connected CONNECTED = new Connected();

    /// The client may begin a transaction.
    Ready READY = new Ready();

    /// A state in which commands are read.
    sealed interface Open extends State {}

    /// The client has not said who it is, or TLS has made that worthless.
    record Connected() implements Open {}

    /// The client has said who it is.
    record Ready() implements Open {}

    /// A transaction is open.
    record Addressing(OpenTransaction transaction) implements Open {}

    /// Chunks of a message's content were taken, and others are to come (RFC 3030).
    record Chunking(OpenTransaction transaction, Reception reception) implements Open {}

    /// The content of a message is read, or one chunk of it.
    record Receiving(OpenTransaction transaction, Reception reception) implements State {}

    /// The lines of an authentication exchange are read.
    record Authenticating(AuthDialogue dialogue) implements State {}

    /// The octets of a chunk are thrown away, and what became of its command is told behind them.
    ///
    /// @param surplus those octets
    /// @param then what became of it
    record Swallowing(Surplus surplus, Step then) implements State {}

    /// The next octets are those of TLS.
    record Securing() implements State {}

    /// Nothing is read any more.
    record Closed(CloseReason reason) implements State {}
}
