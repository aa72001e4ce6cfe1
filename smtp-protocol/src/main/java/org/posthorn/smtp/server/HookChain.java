package org.posthorn.smtp.server;

import io.netty.util.concurrent.EventExecutor;

import org.posthorn.smtp.server.sasl.SaslSource;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/// All configured plugins in the order of the configuration. Safe for use by many threads.
///
/// It does not close the plugins: whoever started them does.
public final class HookChain {
    /// No plugins at all: nobody vouches for any recipient.
    public static final HookChain EMPTY = new HookChain(List.of());

    private final List<ConfiguredPlugin> plugins;
    private final LongAdder stuck = new LongAdder();

    /// Makes a chain.
    ///
    /// @param plugins in the order in which they are asked
    public HookChain(List<ConfiguredPlugin> plugins) {
        this.plugins = List.copyOf(plugins);
    }

    /// Returns the plugins in the order in which they are asked.
    public List<ConfiguredPlugin> plugins() {
        return plugins;
    }

    /// Makes the plugins' parts in one session, which have not joined it yet.
    List<JoinedPlugin> join(EventExecutor loop) {
        if (plugins.isEmpty()) {
            return List.of();
        }
        List<JoinedPlugin> parts = new ArrayList<>(plugins.size());
        for (ConfiguredPlugin plugin : plugins) {
            parts.add(new JoinedPlugin(plugin, loop, stuck));
        }
        return parts;
    }

    LongAdder stuck() {
        return stuck;
    }

    /// Returns the sources of credentials of all plugins, in their order.
    List<SaslSource> credentials() {
        return plugins.stream()
                .flatMap(
                        plugin ->
                                plugin.hooks().credentials().stream()
                                        .map(
                                                it ->
                                                        new SaslSource(
                                                                plugin.name(),
                                                                plugin.timeout(),
                                                                it.mayBlock(),
                                                                it)))
                .toList();
    }

    /// Returns how many calls run now though their time is over and they were interrupted.
    public long stuckCalls() {
        return stuck.sum();
    }
}
