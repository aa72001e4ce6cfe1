package org.posthorn.smtp.server;

import org.posthorn.api.plugin.Hooks;

import java.time.Duration;

/// A plugin as one block of the configuration has it. Immutable.
///
/// @param name the instance's name, unique among all
/// @param hooks what it does
/// @param timeout how long one call of a hook may take, when the hooks may block
/// @param onFailure what it is taken to have answered when it throws or overruns
public record ConfiguredPlugin(
        String name, Hooks hooks, Duration timeout, FailurePolicy onFailure) {

    /// Checks the time.
    ///
    /// @throws IllegalArgumentException when it is not positive
    public ConfiguredPlugin {
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("timeout must be longer than 0");
        }
    }
}
