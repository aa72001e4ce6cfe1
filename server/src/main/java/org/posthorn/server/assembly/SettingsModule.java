package org.posthorn.server.assembly;

import com.google.inject.AbstractModule;

import java.time.InstantSource;
import java.util.random.RandomGenerator;

/// Offers what is there before any part: the configuration, time, and randomness that cannot be
/// guessed.
///
/// Needs nothing. Offers: `Configuration`, `PosthornConfig`, `InstantSource`, `RandomGenerator`,
/// `Teardown`.
final class SettingsModule extends AbstractModule {
    private final Configuration configuration;
    private final Teardown teardown;
    private final InstantSource clock;
    private final RandomGenerator random;

    SettingsModule(
            Configuration configuration,
            Teardown teardown,
            InstantSource clock,
            RandomGenerator random) {
        this.configuration = configuration;
        this.teardown = teardown;
        this.clock = clock;
        this.random = random;
    }

    @Override
    protected void configure() {
        bind(Configuration.class).toInstance(configuration);
        bind(PosthornConfig.class).toInstance(configuration.settings());
        bind(Teardown.class).toInstance(teardown);
        bind(InstantSource.class).toInstance(clock);
        bind(RandomGenerator.class).toInstance(random);
    }
}
