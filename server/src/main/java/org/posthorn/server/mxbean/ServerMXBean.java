package org.posthorn.server.mxbean;

import org.posthorn.api.config.Help;

/// The server as a whole, as its operator sees it.
@Help("The server as a whole.")
public interface ServerMXBean {

    @Help("The version of the program.")
    String getVersion();

    @Help("Our own name, as configured.")
    String getHostname();

    @Help("The process id.")
    long getPid();

    @Help("When the server started, in UTC (ISO 8601).")
    String getStartedAt();

    @Help("How long the server has run, in seconds.")
    long getUptimeSeconds();

    @Help("What has happened to mail since the server started.")
    Traffic getTraffic();

    /// What has happened to mail since the server started.
    ///
    /// @param accepted messages that we took responsibility for
    /// @param refused commands refused, by plugins or by our own rules
    /// @param discarded messages thrown away because a plugin said so
    /// @param delivered recipients that mail was delivered to
    /// @param deferred attempts that will be repeated
    /// @param failed recipients given up
    /// @param bounced bounces made
    record Traffic(
            long accepted,
            long refused,
            long discarded,
            long delivered,
            long deferred,
            long failed,
            long bounced) {}
}
