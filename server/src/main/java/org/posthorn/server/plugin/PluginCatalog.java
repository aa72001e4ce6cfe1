package org.posthorn.server.plugin;

import org.posthorn.api.plugin.Plugin;
import org.posthorn.server.config.Nearest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/// All plugins that can be used: what the directories below `plugins/` provide. Immutable.
///
/// A directory that cannot be loaded harms nobody who does not use it: it is listed in
/// [#broken], and named when a plugin is asked for that does not exist.
public final class PluginCatalog {
    private final Map<String, Provided> plugins = new TreeMap<>();
    private final List<String> broken = new ArrayList<>();

    private record Provided(Path directory, Plugin<?> plugin) {}

    /// Loads all directories below one.
    ///
    /// @param directory such as `plugins`; it need not exist
    public PluginCatalog(Path directory) {
        for (Path path : below(directory)) {
            try {
                PluginDirectory.load(path).plugins().forEach(plugin -> add(path, plugin));
            } catch (BrokenPluginException e) {
                broken.add(path + ": " + e.getMessage());
            }
        }
    }

    private List<Path> below(Path directory) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> paths = Files.list(directory)) {
            return paths.filter(Files::isDirectory).sorted().toList();
        } catch (IOException e) {
            broken.add(directory + ": cannot be read: " + e);
            return List.of();
        }
    }

    private void add(Path path, Plugin<?> plugin) {
        Provided other = plugins.putIfAbsent(plugin.name(), new Provided(path, plugin));
        if (other != null) {
            broken.add(
                    "%s: provides %s, as %s does"
                            .formatted(path, plugin.name(), other.directory()));
        }
    }

    /// Returns the directories that were passed over, each with the reason and what to do.
    public List<String> broken() {
        return List.copyOf(broken);
    }

    /// Returns the directory that a plugin came from.
    ///
    /// @throws IllegalArgumentException when there is no such plugin
    public Path directory(String name) {
        return Optional.ofNullable(plugins.get(name))
                .orElseThrow(() -> new IllegalArgumentException(whyNot(name)))
                .directory();
    }

    /// Finds a plugin by the name behind `use`.
    Optional<Plugin<?>> find(String name) {
        return Optional.ofNullable(plugins.get(name)).map(Provided::plugin);
    }

    /// Says why there is no such plugin, and which there are.
    String whyNot(String name) {
        String hint =
                Nearest.to(name, plugins.keySet())
                        .map(near -> "; did you mean " + near + "?")
                        .orElse(
                                plugins.isEmpty()
                                        ? ""
                                        : "; there are: " + String.join(", ", plugins.keySet()));
        String passedOver = broken.isEmpty() ? "" : "; not loaded: " + String.join("; ", broken);
        return "there is no plugin '" + name + "'" + hint + passedOver;
    }
}
