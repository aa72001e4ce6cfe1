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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;

/// Starts the configured plugins.
///
/// Needs: `Configuration`, `InstantSource`, `RandomGenerator`, `Resolver`, `Intake`, `Teardown`.
/// Offers: `HookChain`.
final class PluginsModule extends PrivateModule {
    private static final Logger LOG = LoggerFactory.getLogger(PluginsModule.class);
    private static final long CLOSE_SECONDS = 5;

    @Override
    protected void configure() {}

    @Provides
    @Exposed
    @Singleton
    HookChain hooks(Configuration configuration, InstanceContexts contexts, Teardown teardown)
            throws ConfigurationException, IOException {
        List<ConfiguredPlugin> started = new ArrayList<>();
        for (PluginBlock<?> block : configuration.plugins()) {
            Hooks hooks = block.start(contexts.of(block.instance()));
            teardown.add(() -> close(block.instance(), hooks));
            started.add(
                    new ConfiguredPlugin(
                            block.instance(),
                            hooks,
                            block.config().timeout(),
                            block.config().onFailure()));
        }
        return new HookChain(started);
    }

    /// A plugin that does not end must not keep the server from ending.
    private static void close(String instance, Hooks hooks) throws Exception {
        FutureTask<Boolean> closing = new FutureTask<>(hooks::close, true);
        Thread.ofPlatform().daemon().name("close " + instance).start(closing);
        try {
            closing.get(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            closing.cancel(true);
            LOG.warn("plugin {} did not close within {} s: left behind", instance, CLOSE_SECONDS);
        }
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
