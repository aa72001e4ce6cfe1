package org.posthorn.integration.peer;

import org.posthorn.integration.harness.Daemon;
import org.posthorn.integration.harness.Ports;
import org.posthorn.integration.harness.SmtpConnection;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// HAProxy on 127.0.0.1, in front of two listeners: it tells the one of its clients by version 1 of
/// the PROXY protocol, and the other by version 2.
public final class HaProxy implements AutoCloseable {
    private static final String SETTINGS =
            """
            defaults
              mode tcp
              timeout connect 10s
              timeout client 60s
              timeout server 60s
            listen first
              bind 127.0.0.1:%d
              server posthorn 127.0.0.1:%d send-proxy
            listen second
              bind 127.0.0.1:%d
              server posthorn 127.0.0.1:%d send-proxy-v2
            """;

    private final Daemon daemon;
    private final int first;
    private final int second;

    private HaProxy(Daemon daemon, int first, int second) {
        this.daemon = daemon;
        this.first = first;
        this.second = second;
    }

    /// Starts it, and waits until the first listener greets through it.
    ///
    /// @param first a port of 127.0.0.1 where version 1 is expected
    /// @param second one where version 2 is
    public static HaProxy before(Path parent, int first, int second) throws IOException {
        Path directory = Files.createDirectories(parent.resolve("haproxy"));
        int one = Ports.free();
        int two = Ports.free();
        Path settings =
                Files.writeString(
                        directory.resolve("haproxy.cfg"),
                        SETTINGS.formatted(one, first, two, second));
        Daemon daemon =
                Daemon.start(
                        directory,
                        "haproxy",
                        Map.of(),
                        List.of(Peer.HAPROXY.path(), "-db", "-f", settings.toString()));
        daemon.awaitReady(() -> SmtpConnection.isGreeted("127.0.0.1", one));
        return new HaProxy(daemon, one, two);
    }

    /// Returns the port before the first listener.
    public int first() {
        return first;
    }

    /// Returns the port before the second listener.
    public int second() {
        return second;
    }

    @Override
    public void close() {
        daemon.close();
    }
}
