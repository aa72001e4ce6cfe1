package org.posthorn.server.mxbean;

import org.posthorn.api.config.Help;

import java.util.List;

/// The plugins as their operator sees them.
@Help("The configured plugins.")
public interface PluginsMXBean {

    @Help("The configured plugins, in the order in which they are asked.")
    List<ConfiguredPlugin> getPlugins();

    @Help("Calls that go on though their time is over and they were interrupted.")
    long getStuckCalls();

    @Help("Directories that were not loaded, each with the reason.")
    List<String> getBroken();

    /// One configured plugin.
    ///
    /// @param instance its name, unique among all
    /// @param plugin the plugin behind it
    /// @param directory where that came from
    /// @param timeoutMillis how long one call may take, in milliseconds
    /// @param onFailure what follows when it fails or overruns
    /// @param failures how often it failed or overran, since the start
    record ConfiguredPlugin(
            String instance,
            String plugin,
            String directory,
            long timeoutMillis,
            String onFailure,
            long failures) {}
}
