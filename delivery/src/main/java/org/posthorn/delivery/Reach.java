package org.posthorn.delivery;

/// How far a recipient's mail has got by a delivery, as far as reports go (RFC 3461 §6, RFC 2852
/// §4.1.4).
enum Reach {
    /// Into the mailbox.
    DELIVERED,
    /// To a server that reports on by itself.
    PASSED_ON,
    /// To a server that does not report: who wants to hear of success is told now.
    RELAYED,
    /// To a server that does not know of the time by which it is to be delivered, or the sender
    /// wants a trace of that: everybody is told now who wants to be told anything.
    TRACED,
    /// Nowhere: it was thrown away.
    NOWHERE
}
