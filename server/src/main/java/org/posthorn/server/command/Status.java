package org.posthorn.server.command;

import static org.posthorn.server.log.UnsafeText.escaped;

import org.posthorn.server.config.ConfigurationException;
import org.posthorn.server.management.ManagementClient;
import org.posthorn.server.mxbean.DeliveryMXBean;
import org.posthorn.server.mxbean.ListenersMXBean;
import org.posthorn.server.mxbean.ListenersMXBean.Listener;
import org.posthorn.server.mxbean.PluginsMXBean;
import org.posthorn.server.mxbean.PluginsMXBean.ConfiguredPlugin;
import org.posthorn.server.mxbean.QueueMXBean;
import org.posthorn.server.mxbean.ServerMXBean;
import org.posthorn.server.mxbean.ServerMXBean.Traffic;
import org.posthorn.server.mxbean.StoreMXBean;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;

/// `posthorn status`
@Command(name = "status", description = "Says how the server is.")
final class Status implements Callable<Integer> {
    private final PrintWriter out;
    @Mixin private final ConfigOption config = new ConfigOption();
    @Mixin private final JsonOption json = new JsonOption();

    Status(PrintWriter out) {
        this.out = out;
    }

    /// All that is printed.
    record Report(
            String hostname,
            String version,
            long pid,
            String startedAt,
            long uptimeSeconds,
            List<Listener> listeners,
            QueueState queue,
            StoreState store,
            DeliveryState delivery,
            Traffic traffic,
            List<ConfiguredPlugin> plugins) {}

    record QueueState(long messages, long jobs, long active, long held) {}

    record StoreState(
            String fault,
            List<String> damage,
            long freeOctets,
            long draftOctets,
            long waitingWrites,
            long syncMillis) {
        static StoreState of(StoreMXBean store) {
            return new StoreState(
                    store.getFault(),
                    store.getDamage(),
                    store.getFreeOctets(),
                    store.getDraftOctets(),
                    store.getWaitingWrites(),
                    store.getSyncMillis());
        }
    }

    record DeliveryState(long active, long unsettled) {}

    @Override
    public Integer call() throws ConfigurationException, IOException {
        try (ManagementClient server = config.connect()) {
            Report report = report(server);
            if (json.isGiven()) {
                out.println(Json.of(report));
            } else {
                print(report);
            }
            return 0;
        }
    }

    private static Report report(ManagementClient client) throws IOException {
        ServerMXBean server = client.bean(ServerMXBean.class);
        QueueMXBean queue = client.bean(QueueMXBean.class);
        DeliveryMXBean delivery = client.bean(DeliveryMXBean.class);
        return new Report(
                server.getHostname(),
                server.getVersion(),
                server.getPid(),
                server.getStartedAt(),
                server.getUptimeSeconds(),
                client.bean(ListenersMXBean.class).getListeners(),
                new QueueState(
                        queue.getMessages(), queue.getJobs(), queue.getActive(), queue.getHeld()),
                StoreState.of(client.bean(StoreMXBean.class)),
                new DeliveryState(delivery.getActive(), delivery.getUnsettled()),
                server.getTraffic(),
                client.bean(PluginsMXBean.class).getPlugins());
    }

    private void print(Report it) {
        out.printf("%s: posthorn %s, process %d%n", it.hostname(), it.version(), it.pid());
        row("up", "since %s (%s)".formatted(it.startedAt(), written(it.uptimeSeconds())));
        for (Listener at : it.listeners()) {
            row(
                    "listens",
                    "%s on %s port %d, %d sessions"
                            .formatted(at.name(), at.address(), at.port(), at.sessions()));
        }
        QueueState queue = it.queue();
        row(
                "queue",
                "%d messages, %d jobs: %d active, %d held"
                        .formatted(queue.messages(), queue.jobs(), queue.active(), queue.held()));
        print(it.store());
        Traffic done = it.traffic();
        row(
                "in",
                "%d accepted, %d refused, %d discarded"
                        .formatted(done.accepted(), done.refused(), done.discarded()));
        row(
                "out",
                "%d delivered, %d deferred, %d failed, %d bounced"
                        .formatted(
                                done.delivered(), done.deferred(), done.failed(), done.bounced()));
        it.plugins()
                .forEach(
                        at ->
                                row(
                                        "plugin",
                                        "%s, %d failures".formatted(at.instance(), at.failures())));
    }

    private void print(StoreState store) {
        row(
                "store",
                store.fault().isEmpty()
                        ? "works, %d MiB free".formatted(store.freeOctets() >> 20)
                        : "FAILED: " + escaped(store.fault()));
        store.damage().forEach(it -> row("damage", escaped(it)));
    }

    private void row(String what, String text) {
        out.printf("  %-8s %s%n", what, text);
    }

    private static String written(long seconds) {
        Duration up = Duration.ofSeconds(seconds);
        return "%d d %d h %d min %d s"
                .formatted(up.toDays(), up.toHoursPart(), up.toMinutesPart(), up.toSecondsPart());
    }
}
