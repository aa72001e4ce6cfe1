package org.posthorn.server.plugin;

import org.posthorn.api.config.Default;
import org.posthorn.api.config.Help;
import org.posthorn.server.config.Rest;
import org.posthorn.smtp.server.FailurePolicy;

import java.time.Duration;

/// One block of `plugins = [...]`: what all plugins have in common.
///
/// @param use the plugin's name
/// @param timeout how long a hook may take, more than zero
/// @param onFailure what follows when it fails
/// @param settings the plugin's own settings
public record PluginConfig(
        @Help("Which plugin: `posthorn config check` says which there are, if this is none.")
                String use,
        @Help("How long one hook may take. Beyond that, `on-failure` answers for the plugin.")
                @Default("10s")
                Duration timeout,
        @Help(
                        """
                        What a client is told when the plugin fails or overruns: `tempfail` is a \
                        451, `reject` a 554, `ignore` goes on as if the plugin had no opinion.""")
                @Default("tempfail")
                FailurePolicy onFailure,
        Rest settings) {

    /// Checks the time.
    ///
    /// @throws IllegalArgumentException when it is zero
    public PluginConfig {
        if (timeout.isZero()) {
            throw new IllegalArgumentException("timeout must be more than zero");
        }
    }
}
