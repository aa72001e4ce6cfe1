package org.posthorn.integration.harness;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A `posthorn.conf` in the making: one SMTP listener, and what a test adds. Immutable.
///
/// @param smtpPort where it listens
/// @param jmxPort where it is managed
/// @param routes the blocks of `routes`, in order
/// @param plugins the blocks of `plugins`, in order
/// @param lines whatever else
public record Configuration(
        int smtpPort, int jmxPort, List<String> routes, List<String> plugins, List<String> lines) {

    /// Copies the lists.
    public Configuration {
        routes = List.copyOf(routes);
        plugins = List.copyOf(plugins);
        lines = List.copyOf(lines);
    }

    /// Returns a configuration without routes and plugins, on ports that are free.
    public static Configuration onFreePorts() {
        return new Configuration(Ports.free(), Ports.free(), List.of(), List.of(), List.of());
    }

    /// Returns one that vouches for every recipient that a client on loopback names.
    public static Configuration forLocalClients() {
        return onFreePorts().plugin("use = relay-clients, networks = [\"127.0.0.0/8\", \"::1\"]");
    }

    /// Adds a route after those before.
    public Configuration route(String domain, String to) {
        return route(domain, to, "");
    }

    /// Adds a route after those before.
    ///
    /// @param settings what else stands between the braces
    public Configuration route(String domain, String to, String settings) {
        String route = "{ domains = [\"%s\"], to = \"%s\" %s }".formatted(domain, to, settings);
        return new Configuration(smtpPort, jmxPort, with(routes, route), plugins, lines);
    }

    /// Adds a plugin after those before.
    ///
    /// @param settings what stands between the braces
    public Configuration plugin(String settings) {
        return new Configuration(
                smtpPort, jmxPort, routes, with(plugins, "{ " + settings + " }"), lines);
    }

    /// Has the DNS asked at this port of loopback.
    public Configuration dns(int port) {
        return line("dns { servers = [\"127.0.0.1:" + port + "\"] }");
    }

    /// Adds a line, as it stands in the file.
    public Configuration line(String line) {
        return new Configuration(smtpPort, jmxPort, routes, plugins, with(lines, line));
    }

    /// Returns the file's text.
    ///
    /// @param directory below which the server keeps its data
    public String text(Path directory) {
        return """
        hostname = "mx.posthorn.test"
        data-directory = "%s/data"
        listeners { smtp { address = "127.0.0.1", port = %d } }
        jmx { address = "127.0.0.1", port = %d }
        %s
        routes = [
          %s
        ]
        plugins = [
          %s
        ]
        """
                .formatted(
                        directory,
                        smtpPort,
                        jmxPort,
                        String.join("\n", lines),
                        String.join("\n  ", routes),
                        String.join("\n  ", plugins));
    }

    private static List<String> with(List<String> before, String added) {
        var all = new ArrayList<>(before);
        all.add(added);
        return all;
    }
}
