package org.posthorn.server.command;

import org.jspecify.annotations.Nullable;
import org.posthorn.server.config.Block;
import org.posthorn.server.config.ConfigurationException;
import org.posthorn.server.plugin.PluginConfig;

import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The options that say which file of accounts a command is about.
final class UserFileOption {
    private static final String PLUGIN = "auth-file";

    @Mixin private ConfigOption config = new ConfigOption();

    @Option(
            names = "--file",
            paramLabel = "FILE",
            description = {
                "The file with the accounts; when not given, that of the plugin auth-file in",
                "the configuration."
            })
    private @Nullable Path file;

    /// Reads the file, which need not exist.
    UserFile read() throws ConfigurationException, IOException {
        return UserFile.read(file == null ? configured() : file);
    }

    private Path configured() throws ConfigurationException, IOException {
        List<Path> files =
                config.settings().plugins().stream()
                        .filter(it -> it.use().equals(PLUGIN))
                        .map(PluginConfig::settings)
                        .flatMap(it -> file(it.block()).stream())
                        .map(it -> config.home().resolve(it).normalize())
                        .distinct()
                        .toList();
        if (files.size() != 1) {
            throw new IOException(
                    files.isEmpty()
                            ? "no plugin of the configuration uses "
                                    + PLUGIN
                                    + ": add { use = auth-file, file = \"etc/users\" } to plugins, or"
                                    + " say --file FILE"
                            : "the configuration has several files of accounts: say --file FILE");
        }
        return files.getFirst();
    }

    private static Optional<String> file(Block block) {
        return Optional.ofNullable(block.object().get("file"))
                .map(it -> String.valueOf(it.unwrapped()));
    }
}
