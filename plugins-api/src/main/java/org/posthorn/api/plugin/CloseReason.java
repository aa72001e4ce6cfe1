package org.posthorn.api.plugin;

/// How a session ended.
public enum CloseReason {
    /// The client said `QUIT`.
    QUIT,
    /// The client closed or reset the connection.
    CLIENT_LEFT,
    /// The client was silent, or too slow, for too long.
    TIMEOUT,
    /// We closed it: a verdict, too many errors, a limit.
    REFUSED,
    /// The server is stopping.
    SHUTDOWN,
    /// Something failed on our side, or in TLS.
    FAILURE
}
