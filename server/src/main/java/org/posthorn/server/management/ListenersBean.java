package org.posthorn.server.management;

import org.posthorn.server.mxbean.ListenersMXBean;
import org.posthorn.smtp.server.ListenerConfig;
import org.posthorn.smtp.server.SmtpServer;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/// The listeners behind their contract.
public final class ListenersBean implements ListenersMXBean {
    private final SmtpServer server;
    private final Map<String, ListenerConfig> configured;
    private final Supplier<Map<String, InetSocketAddress>> bound;

    /// Makes one.
    ///
    /// @param configured the listeners, in order
    /// @param bound tells where each listens
    public ListenersBean(
            SmtpServer server,
            Map<String, ListenerConfig> configured,
            Supplier<Map<String, InetSocketAddress>> bound) {
        this.server = server;
        this.configured = configured;
        this.bound = bound;
    }

    @Override
    public List<Listener> getListeners() {
        return configured.entrySet().stream()
                .map(entry -> listener(entry.getKey(), entry.getValue()))
                .toList();
    }

    private Listener listener(String name, ListenerConfig config) {
        InetSocketAddress address = bound.get().getOrDefault(name, config.socketAddress());
        return new Listener(
                name,
                address.getAddress().getHostAddress(),
                address.getPort(),
                config.kind().name().toLowerCase(Locale.ROOT),
                config.tls().name().toLowerCase(Locale.ROOT),
                server.sessions(name));
    }

    @Override
    public int getSessions() {
        return server.sessions();
    }

    @Override
    public long getAccepted() {
        return server.accepted();
    }

    @Override
    public long getRefused() {
        return server.refused();
    }
}
