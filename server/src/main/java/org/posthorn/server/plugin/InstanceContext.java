package org.posthorn.server.plugin;

import org.posthorn.api.dns.Resolver;
import org.posthorn.api.intake.Intake;
import org.posthorn.api.plugin.PluginContext;
import org.slf4j.Logger;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.random.RandomGenerator;

/// What one configured plugin is offered. As safe for use by many threads as its parts.
record InstanceContext(
        String instance,
        String hostname,
        Path directory,
        InstantSource clock,
        RandomGenerator random,
        Resolver dns,
        Intake intake,
        Logger log)
        implements PluginContext {}
