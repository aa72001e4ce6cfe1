package org.posthorn.server.command;

import org.jspecify.annotations.Nullable;
import org.posthorn.server.assembly.Configuration;
import org.posthorn.server.assembly.PosthornConfig;
import org.posthorn.server.config.ConfigurationException;
import org.posthorn.server.management.ManagementClient;

import picocli.CommandLine.Option;

import java.nio.file.Path;
import java.util.Optional;

/// The option that says which configuration, and so which server, a command is about.
final class ConfigOption {
    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "The configuration; etc/posthorn.conf when not given.")
    private @Nullable Path file;

    ConfigOption() {}

    ConfigOption(Path file) {
        this.file = file;
    }

    /// Reads and checks everything.
    Configuration read() throws ConfigurationException {
        return Configuration.read(home(), file());
    }

    /// Reads the settings, without looking at plugins and files that they name.
    PosthornConfig settings() throws ConfigurationException {
        return Configuration.settings(home(), file());
    }

    /// Connects to the server that runs with this configuration.
    ManagementClient connect() throws ConfigurationException, java.io.IOException {
        return ManagementClient.connect(settings().dataDirectory().resolve("jmx"));
    }

    private Path file() {
        return file == null ? home().resolve("etc/posthorn.conf") : file;
    }

    /// The launcher says where the distribution is. Without it, the file says so by lying in `etc`.
    Path home() {
        String given = System.getProperty("posthorn.home");
        if (given != null) {
            return Path.of(given).toAbsolutePath();
        }
        return Optional.ofNullable(file)
                .map(path -> path.toAbsolutePath().normalize().getParent())
                .filter(parent -> parent.endsWith("etc"))
                .map(Path::getParent)
                .orElseGet(() -> Path.of("").toAbsolutePath());
    }
}
