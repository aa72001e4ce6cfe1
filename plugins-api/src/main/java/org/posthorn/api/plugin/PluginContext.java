package org.posthorn.api.plugin;

import org.posthorn.api.dns.Resolver;
import org.posthorn.api.intake.Intake;
import org.slf4j.Logger;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.random.RandomGenerator;

/// What the server offers to a configured plugin. Safe for use by many threads.
public interface PluginContext {

    /// Returns the name of this instance, unique among the configured plugins: `use`, with `#2` and
    /// so on for further blocks of the same.
    String instance();

    /// Returns our own host name.
    String hostname();

    /// Returns a directory that this instance may keep files in; it exists.
    Path directory();

    /// Returns the clock that all decisions go by, so that tests and replays can own it.
    InstantSource clock();

    /// Returns the source of all randomness, so that tests and replays can own it. Not for secrets.
    RandomGenerator random();

    /// Returns the DNS.
    Resolver dns();

    /// Returns the way to submit mail of its own.
    Intake intake();

    /// Returns the developer log, named by the instance.
    Logger log();
}
