package org.posthorn.server.management;

import org.posthorn.server.mxbean.PluginsMXBean;
import org.posthorn.server.plugin.PluginBlock;
import org.posthorn.server.plugin.PluginCatalog;
import org.posthorn.smtp.server.HookChain;

import java.util.List;
import java.util.Locale;

/// The plugins behind their contract.
public final class PluginsBean implements PluginsMXBean {
    private final PluginCatalog catalog;
    private final List<PluginBlock<?>> blocks;
    private final HookChain hooks;
    private final Counters counters;

    /// Makes one.
    ///
    /// @param blocks the configured plugins, in order
    /// @param hooks the same, started
    public PluginsBean(
            PluginCatalog catalog,
            List<PluginBlock<?>> blocks,
            HookChain hooks,
            Counters counters) {
        this.catalog = catalog;
        this.blocks = List.copyOf(blocks);
        this.hooks = hooks;
        this.counters = counters;
    }

    @Override
    public List<ConfiguredPlugin> getPlugins() {
        return blocks.stream().map(this::plugin).toList();
    }

    private ConfiguredPlugin plugin(PluginBlock<?> block) {
        return new ConfiguredPlugin(
                block.instance(),
                block.config().use(),
                catalog.directory(block.config().use()).toString(),
                block.config().timeout().toMillis(),
                block.config().onFailure().name().toLowerCase(Locale.ROOT),
                counters.failuresOf(block.instance()));
    }

    @Override
    public long getStuckCalls() {
        return hooks.stuckCalls();
    }

    @Override
    public List<String> getBroken() {
        return catalog.broken();
    }
}
