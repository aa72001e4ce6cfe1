package org.posthorn.server.assembly;

import org.posthorn.server.config.Binder;
import org.posthorn.server.config.Block;
import org.posthorn.server.config.ConfigurationException;
import org.posthorn.server.config.ConfigurationFile;
import org.posthorn.server.config.Printing;
import org.posthorn.server.config.Problem;
import org.posthorn.server.config.Rest;
import org.posthorn.server.plugin.PluginBlock;
import org.posthorn.server.plugin.PluginCatalog;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/// A configuration that was read and checked: nothing in it is known to be wrong. Immutable.
///
/// @param home the distribution's directory, which relative paths are relative to
/// @param file where it was read from
/// @param source what it was read from, with what stands where
/// @param settings what it says
/// @param catalog the plugins that there are
/// @param plugins those that are configured
public record Configuration(
        Path home,
        Path file,
        Block source,
        PosthornConfig settings,
        PluginCatalog catalog,
        List<PluginBlock<?>> plugins) {

    /// Reads the settings, without looking at plugins and files that they name: all that a command
    /// needs to find the server.
    ///
    /// @throws ConfigurationException with all that is wrong
    public static PosthornConfig settings(Path home, Path file) throws ConfigurationException {
        List<Problem> problems = new ArrayList<>();
        Block source = ConfigurationFile.read(file, PosthornConfig.BUILT_IN);
        return new Binder(home, source.object().toConfig())
                .bind(source, PosthornConfig.class, problems::add)
                .orElseThrow(() -> wrong(problems));
    }

    /// Reads and checks everything.
    ///
    /// @throws ConfigurationException with all that is wrong
    public static Configuration read(Path home, Path file) throws ConfigurationException {
        List<Problem> problems = new ArrayList<>();
        Block source = ConfigurationFile.read(file, PosthornConfig.BUILT_IN);
        Binder binder = new Binder(home, source.object().toConfig());
        var settings = binder.bind(source, PosthornConfig.class, problems::add);
        PluginCatalog catalog = new PluginCatalog(home.resolve("plugins"));
        List<PluginBlock<?>> plugins =
                PluginBlock.all(source.blocks("plugins"), catalog, binder, problems::add);
        new CrossChecks(source, binder, problems::add).run();
        if (settings.isEmpty() || !problems.isEmpty()) {
            throw wrong(problems);
        }
        return new Configuration(home, file, source, settings.get(), catalog, plugins);
    }

    /// Writes what it comes to, with every default, with paths resolved, and with the origin of
    /// each setting: a configuration again.
    public String print() {
        Map<Rest, Record> others =
                plugins.stream()
                        .collect(
                                Collectors.toMap(
                                        plugin -> plugin.config().settings(),
                                        PluginBlock::settings));
        return Printing.of(settings, source, rest -> Objects.requireNonNull(others.get(rest)));
    }

    private static ConfigurationException wrong(List<Problem> problems) {
        return new ConfigurationException(
                problems.stream()
                        .distinct()
                        .sorted(Comparator.comparing(Problem::file).thenComparingInt(Problem::line))
                        .toList());
    }
}
