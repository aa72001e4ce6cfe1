package org.posthorn.integration.peer;

import org.posthorn.integration.harness.Daemon;
import org.posthorn.integration.harness.Finished;
import org.posthorn.integration.harness.Ports;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// NSD, which serves zones on a loopback port.
public final class Nsd implements AutoCloseable {
    private final Daemon daemon;
    private final int port;

    private Nsd(Daemon daemon, int port) {
        this.daemon = daemon;
        this.port = port;
    }

    /// Starts it, and waits until it answers.
    public static Nsd serve(Path parent, Zone zone) throws IOException {
        return serve(parent, Map.of(zone.origin(), zone.text()));
    }

    /// Starts it, and waits until it answers.
    ///
    /// @param zones the texts of zone files by their origins
    public static Nsd serve(Path parent, Map<String, String> zones) throws IOException {
        Path directory = Files.createDirectories(parent.resolve("nsd"));
        int port = Ports.free();
        StringBuilder blocks = new StringBuilder();
        for (String origin : zones.keySet()) {
            Files.writeString(directory.resolve("zone." + origin), zones.get(origin));
            blocks.append("zone:\n  name: \"%1$s\"\n  zonefile: \"zone.%1$s\"\n".formatted(origin));
        }
        Path settings =
                Files.writeString(
                        directory.resolve("nsd.conf"),
                        """
                        server:
                          ip-address: 127.0.0.1
                          port: %2$d
                          do-ip6: no
                          server-count: 1
                          username: ""
                          zonesdir: "%1$s"
                          database: ""
                          pidfile: ""
                          xfrdfile: "%1$s/xfrd.state"
                          zonelistfile: "%1$s/zone.list"
                          cookie-secret-file: "%1$s/cookies"
                        remote-control:
                          control-enable: no
                        %3$s
                        """
                                .formatted(directory, port, blocks));
        Daemon daemon =
                Daemon.start(
                        directory,
                        "nsd",
                        Map.of(),
                        List.of(Peer.NSD.path(), "-d", "-c", settings.toString()));
        String name = "ns." + zones.keySet().iterator().next();
        return new Nsd(daemon.awaitReady(() -> ask(port, name, "A").contains("127.0.0.1")), port);
    }

    /// Returns its port on 127.0.0.1.
    public int port() {
        return port;
    }

    /// Asks it by `dig`.
    ///
    /// @return the records' contents, one a line
    public String ask(String name, String type) {
        return ask(port, name, type);
    }

    private static String ask(int port, String name, String type) {
        String[] question = {
            "@127.0.0.1", "-p", Integer.toString(port), "+short", "+tries=1", "+time=1"
        };
        var command = new ArrayList<>(List.of(Peer.DIG.path()));
        command.addAll(List.of(question));
        command.addAll(List.of(name, type));
        return Finished.run(command).output();
    }

    @Override
    public void close() {
        daemon.close();
    }
}
