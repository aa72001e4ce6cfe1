package org.posthorn.server.mxbean;

import org.posthorn.api.config.Help;

import java.util.List;

/// The listeners as their operator sees them.
@Help("Where mail comes in.")
public interface ListenersMXBean {

    @Help("The listeners, in the order of the configuration.")
    List<Listener> getListeners();

    @Help("Sessions now, at all listeners together.")
    int getSessions();

    @Help("Connections that became sessions, since the start.")
    long getAccepted();

    @Help("Connections refused by a limit, since the start.")
    long getRefused();

    /// One listener.
    ///
    /// @param name its name in the configuration
    /// @param address where it listens
    /// @param port the port, also where the configuration says 0
    /// @param kind whom it serves
    /// @param tls how TLS begins
    /// @param sessions sessions now
    record Listener(String name, String address, int port, String kind, String tls, int sessions) {}
}
