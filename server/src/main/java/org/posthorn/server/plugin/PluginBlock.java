package org.posthorn.server.plugin;

import org.posthorn.api.plugin.Hooks;
import org.posthorn.api.plugin.Plugin;
import org.posthorn.api.plugin.PluginContext;
import org.posthorn.server.config.Binder;
import org.posthorn.server.config.Block;
import org.posthorn.server.config.ConfigurationException;
import org.posthorn.server.config.Problem;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// One block of `plugins = [...]`, read and checked, and not yet started.
///
/// @param instance the name that is unique among the configured: `use`, with `#2` and so on
/// @param config what all plugins have in common
/// @param plugin the plugin
/// @param settings its own settings
public record PluginBlock<S extends Record>(
        String instance, PluginConfig config, Plugin<S> plugin, S settings) {

    /// Reads the settings of all blocks, in their order.
    ///
    /// @param problems is told all that is wrong: no such plugin, and whatever its record refuses
    /// @return those that are right
    public static List<PluginBlock<?>> all(
            List<Block> blocks, PluginCatalog catalog, Binder binder, Consumer<Problem> problems) {
        List<PluginBlock<?>> configured = new ArrayList<>();
        Map<String, Integer> uses = new HashMap<>();
        for (Block block : blocks) {
            Optional<PluginConfig> common = binder.bind(block, PluginConfig.class, problems);
            if (common.isEmpty()) {
                continue;
            }
            PluginConfig config = common.get();
            int count = uses.merge(config.use(), 1, Integer::sum);
            String instance = count == 1 ? config.use() : config.use() + "#" + count;
            catalog.find(config.use())
                    .ifPresentOrElse(
                            plugin ->
                                    read(instance, config, plugin, binder, problems)
                                            .ifPresent(configured::add),
                            () -> problems.accept(problem(config, catalog.whyNot(config.use()))));
        }
        return configured;
    }

    private static <S extends Record> Optional<PluginBlock<S>> read(
            String instance,
            PluginConfig config,
            Plugin<S> plugin,
            Binder binder,
            Consumer<Problem> problems) {
        return binder.bind(config.settings(), plugin.settings(), problems)
                .map(settings -> new PluginBlock<>(instance, config, plugin, settings));
    }

    private static Problem problem(PluginConfig config, String text) {
        return config.settings().block().problem("use", text);
    }

    /// Starts it.
    ///
    /// @throws ConfigurationException when it cannot work, with its reason beside the block's place
    public Hooks start(PluginContext context) throws ConfigurationException {
        try {
            return plugin.start(settings, context);
        } catch (Exception | LinkageError e) {
            String reason = e.getMessage() == null ? e.toString() : e.getMessage();
            throw new ConfigurationException(
                    List.of(problem(config, instance + " cannot start: " + reason)));
        }
    }
}
