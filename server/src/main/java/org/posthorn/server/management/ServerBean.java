package org.posthorn.server.management;

import org.posthorn.server.mxbean.ServerMXBean;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/// The server behind its contract.
public final class ServerBean implements ServerMXBean {
    private final String version;
    private final String hostname;
    private final InstantSource clock;
    private final Instant startedAt;
    private final Counters counters;

    /// Makes one, at the server's start.
    public ServerBean(String version, String hostname, InstantSource clock, Counters counters) {
        this.version = version;
        this.hostname = hostname;
        this.clock = clock;
        this.startedAt = clock.instant();
        this.counters = counters;
    }

    @Override
    public String getVersion() {
        return version;
    }

    @Override
    public String getHostname() {
        return hostname;
    }

    @Override
    public long getPid() {
        return ProcessHandle.current().pid();
    }

    @Override
    public String getStartedAt() {
        return startedAt.toString();
    }

    @Override
    public long getUptimeSeconds() {
        return Duration.between(startedAt, clock.instant()).toSeconds();
    }

    @Override
    public Traffic getTraffic() {
        return counters.traffic();
    }
}
