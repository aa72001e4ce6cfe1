package org.posthorn.server.assembly;

import com.google.inject.Exposed;
import com.google.inject.PrivateModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;

import org.posthorn.api.dns.Resolver;
import org.posthorn.api.intake.Intake;
import org.posthorn.api.plugin.Hooks;
import org.posthorn.server.config.ConfigurationException;
import org.posthorn.server.plugin.InstanceContexts;
import org.posthorn.server.plugin.PluginBlock;
import org.posthorn.smtp.server.ConfiguredPlugin;
import org.posthorn.smtp.server.HookChain;

import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/// Starts the configured plugins.
///
/// Needs: `Configuration`, `InstantSource`, `RandomGenerator`, `Resolver`, `Intake`, `Teardown`.
/// Offers: `HookChain`.
final class PluginsModule extends PrivateModule {
    @Override
    protected void configure() {}

    @Provides
    @Exposed
    @Singleton
    HookChain hooks(Configuration configuration, InstanceContexts contexts, Teardown teardown)
            throws ConfigurationException, IOException {
        List<ConfiguredPlugin> started = new ArrayList<>();
        for (PluginBlock<?> block : configuration.plugins()) {
            Hooks hooks = teardown.closing(block.start(contexts.of(block.instance())));
            started.add(
                    new ConfiguredPlugin(
                            block.instance(),
                            hooks,
                            block.config().timeout(),
                            block.config().onFailure()));
        }
        return new HookChain(started);
    }

    @Provides
    @Singleton
    InstanceContexts contexts(
            PosthornConfig config,
            InstantSource clock,
            RandomGenerator random,
            Resolver dns,
            Intake intake) {
        return new InstanceContexts(
                config.hostname().toString(),
                config.dataDirectory().resolve("plugins"),
                clock,
                random,
                dns,
                intake);
    }
}
