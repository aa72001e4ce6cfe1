package org.posthorn.api.plugin;

import org.posthorn.api.auth.Credentials;

import java.util.List;

/// What one configured plugin does: its part in SMTP sessions, and what it knows of clients. Safe
/// for use by many threads.
public interface Hooks extends AutoCloseable {

    /// Joins a new connection, before anything is said.
    ///
    /// Called on the session's thread, as the hooks are; bounded by the same time budget.
    ///
    /// @param session the connection's facts, live: they grow as the session goes on
    /// @return this connection's hooks, a new object if they keep state
    SessionHooks join(Session session);

    /// Tells whether the session hooks may wait for anything: a lock, a file, a network. By default
    /// they may, and are called on a virtual thread, within the plugin's time budget.
    ///
    /// Hooks that only compute may say no: then they are called on the event loop, which is cheaper
    /// by about 10 µs a command, and a slow one holds up other sessions.
    default boolean mayBlock() {
        return true;
    }

    /// Returns the sources by which it can tell who a client is, in the order in which they are
    /// asked; none by default. Called once, when the plugin has started.
    default List<Credentials> credentials() {
        return List.of();
    }

    /// Ends the plugin, when the server stops: no session is left.
    @Override
    default void close() {}
}
