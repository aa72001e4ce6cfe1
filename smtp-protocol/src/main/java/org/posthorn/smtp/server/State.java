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

    /// The content of a message is read.
    record Receiving(OpenTransaction transaction, Reception reception) implements State {}

    /// The lines of an authentication exchange are read.
    record Authenticating(AuthDialogue dialogue) implements State {}

    /// The next octets are those of TLS.
    record Securing() implements State {}

    /// Nothing is read any more.
    record Closed(CloseReason reason) implements State {}
}
