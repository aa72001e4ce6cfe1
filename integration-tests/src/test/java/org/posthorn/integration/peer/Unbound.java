package org.posthorn.integration.peer;

import org.posthorn.integration.harness.Daemon;
import org.posthorn.integration.harness.Finished;
import org.posthorn.integration.harness.Ports;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Unbound, which resolves what an authoritative server on this machine knows.
public final class Unbound implements AutoCloseable {
    private final Daemon daemon;
    private final int port;

    private Unbound(Daemon daemon, int port) {
        this.daemon = daemon;
        this.port = port;
    }

    /// Starts it, and waits until it answers.
    ///
    /// @param zones where it asks, and what must be answered there: an address at `ns.ZONE`
    /// @param anchor what it validates with; nothing for not at all
    public static Unbound asking(Path parent, Nsd nsd, List<String> zones, Optional<Path> anchor)
            throws IOException {
        int port = Ports.free();
        Path directory = Files.createDirectories(parent.resolve("unbound-" + port));
        StringBuilder text =
                new StringBuilder(
                        """
                        server:
                          interface: 127.0.0.1
                          port: %d
                          do-ip6: no
                          username: ""
                          chroot: ""
                          directory: "%s"
                          pidfile: ""
                          use-syslog: no
                          do-not-query-localhost: no
                          cache-max-ttl: 1
                          cache-max-negative-ttl: 1
                          module-config: "%s"
                        """
                                .formatted(
                                        port,
                                        directory,
                                        anchor.isPresent() ? "validator iterator" : "iterator"));
        anchor.ifPresent(it -> text.append("  trust-anchor-file: \"" + it + "\"\n"));
        zones.forEach(it -> text.append("  local-zone: \"" + it + ".\" nodefault\n"));
        text.append("remote-control:\n  control-enable: no\n");
        for (String zone : zones) {
            text.append(
                    "stub-zone:\n  name: \"%s\"\n  stub-addr: 127.0.0.1@%d\n"
                            .formatted(zone, nsd.port()));
        }
        Path settings = Files.writeString(directory.resolve("unbound.conf"), text);
        Daemon daemon =
                Daemon.start(
                        directory,
                        "unbound",
                        Map.of(),
                        List.of(Peer.UNBOUND.path(), "-d", "-c", settings.toString()));
        String name = "ns." + zones.getFirst();
        return new Unbound(daemon.awaitReady(() -> answers(port, name)), port);
    }

    private static boolean answers(int port, String name) {
        return Finished.run(
                        List.of(
                                Peer.DIG.path(),
                                "@127.0.0.1",
                                "-p",
                                Integer.toString(port),
                                "+short",
                                "+tries=1",
                                "+time=1",
                                name,
                                "A"))
                .output()
                .contains("127.0.0.1");
    }

    /// Returns its port on 127.0.0.1.
    public int port() {
        return port;
    }

    @Override
    public void close() {
        daemon.close();
    }
}
