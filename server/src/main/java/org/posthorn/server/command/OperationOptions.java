package org.posthorn.server.command;

import org.jspecify.annotations.Nullable;
import org.posthorn.server.config.ConfigurationException;
import org.posthorn.server.management.ManagementClient;

import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.util.Objects;

/// What all operations on the queue take.
final class OperationOptions {
    @Mixin private final ConfigOption config = new ConfigOption();
    @Mixin private final JsonOption json = new JsonOption();

    @ArgGroup(multiplicity = "1")
    private @Nullable WhichMail which;

    @Option(names = "--dry-run", description = "Only counts what would be changed.")
    private boolean dryRun;

    @Option(
            names = "--reason",
            paramLabel = "TEXT",
            defaultValue = "",
            description = "Why, for the log, the message's history and other operators.")
    private String reason = "";

    ManagementClient connect() throws ConfigurationException, IOException {
        return config.connect();
    }

    WhichMail which() {
        return Objects.requireNonNull(which);
    }

    boolean isDryRun() {
        return dryRun;
    }

    String reason() {
        return reason;
    }

    JsonOption json() {
        return json;
    }
}
