package org.posthorn.server.plugin;

import org.posthorn.api.dns.Resolver;
import org.posthorn.api.intake.Intake;
import org.posthorn.api.plugin.PluginContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.random.RandomGenerator;

/// What the server offers to its plugins. Immutable.
///
/// @param hostname our own name
/// @param directory where each instance gets a directory of its own
/// @param clock the time that all decisions go by
/// @param random the source of all randomness
/// @param dns the DNS
/// @param intake the way into the queue
public record InstanceContexts(
        String hostname,
        Path directory,
        InstantSource clock,
        RandomGenerator random,
        Resolver dns,
        Intake intake) {

    /// Makes the context of one instance, and its directory.
    ///
    /// @param instance its name
    /// @throws IOException when the directory cannot be made
    public PluginContext of(String instance) throws IOException {
        Path own = Files.createDirectories(directory.resolve(instance));
        Logger log = LoggerFactory.getLogger("plugin." + instance);
        return new Context(instance, hostname, own, clock, random, dns, intake, log);
    }

    /// As safe for use by many threads as its parts.
    private record Context(
            String instance,
            String hostname,
            Path directory,
            InstantSource clock,
            RandomGenerator random,
            Resolver dns,
            Intake intake,
            Logger log)
            implements PluginContext {}
}
