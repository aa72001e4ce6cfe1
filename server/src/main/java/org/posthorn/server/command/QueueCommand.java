package org.posthorn.server.command;

import static org.posthorn.server.log.UnsafeText.escaped;

import org.posthorn.api.mail.MessageId;
import org.posthorn.server.config.ConfigurationException;
import org.posthorn.server.management.ManagementClient;
import org.posthorn.server.mxbean.QueueEntry;
import org.posthorn.server.mxbean.QueueMXBean;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;

/// `posthorn queue`
@Command(name = "queue", description = "Shows and changes what waits for delivery.")
final class QueueCommand {
    private static final int PAGE = 1_000;

    private final PrintWriter out;
    private final PrintWriter err;

    QueueCommand(PrintWriter out, PrintWriter err) {
        this.out = out;
        this.err = err;
    }

    @Command(name = "list", description = "Lists the messages in the queue, the oldest first.")
    int list(@Mixin ConfigOption config, @Mixin JsonOption json)
            throws ConfigurationException, IOException {
        try (ManagementClient server = config.connect()) {
            QueueMXBean queue = server.bean(QueueMXBean.class);
            List<QueueEntry> page = queue.list("", PAGE);
            while (!page.isEmpty()) {
                page.forEach(message -> print(message, json));
                page = page.size() < PAGE ? List.of() : queue.list(page.getLast().id(), PAGE);
            }
        }
        return 0;
    }

    @Command(name = "show", description = "Shows a message: what is left to do, and what was said.")
    int show(
            @Mixin ConfigOption config,
            @Mixin JsonOption json,
            @Parameters(paramLabel = "ID") MessageId id)
            throws ConfigurationException, IOException {
        try (ManagementClient server = config.connect()) {
            List<QueueEntry> found = server.bean(QueueMXBean.class).show(id.text());
            found.forEach(message -> print(message, json));
            return found.isEmpty() ? noSuchMessage(id) : 0;
        }
    }

    @Command(
            name = "retry",
            description =
                    "Makes a message due now, also one whose sender wanted it released later"
                            + " (FUTURERELEASE).")
    int retry(@Mixin ConfigOption config, @Parameters(paramLabel = "ID") MessageId id)
            throws ConfigurationException, IOException {
        try (ManagementClient server = config.connect()) {
            QueueMXBean queue = server.bean(QueueMXBean.class);
            if (queue.show(id.text()).stream().anyMatch(QueueCommand::isHeld)) {
                err.println("posthorn: " + id + " is held: posthorn queue release " + id);
                return Posthorn.FAILED;
            }
            return queue.retry(id.text()) ? 0 : noSuchMessage(id);
        }
    }

    private static boolean isHeld(QueueEntry message) {
        return message.jobs().stream().allMatch(job -> job.state().equals("held"));
    }

    @Command(name = "hold", description = "Keeps a message until it is released.")
    int hold(
            @Mixin ConfigOption config,
            @Parameters(paramLabel = "ID") MessageId id,
            @Option(
                            names = "--reason",
                            paramLabel = "TEXT",
                            defaultValue = "an operator said so",
                            description = "Why, for other operators.")
                    String reason)
            throws ConfigurationException, IOException {
        try (ManagementClient server = config.connect()) {
            boolean done = server.bean(QueueMXBean.class).hold(id.text(), reason);
            return done ? 0 : noSuchMessage(id);
        }
    }

    @Command(name = "release", description = "Ends a hold: the message is due now.")
    int release(@Mixin ConfigOption config, @Parameters(paramLabel = "ID") MessageId id)
            throws ConfigurationException, IOException {
        try (ManagementClient server = config.connect()) {
            return server.bean(QueueMXBean.class).release(id.text()) ? 0 : noSuchMessage(id);
        }
    }

    @Command(name = "delete", description = "Removes a message for good, without a bounce.")
    int delete(@Mixin ConfigOption config, @Parameters(paramLabel = "ID") MessageId id)
            throws ConfigurationException, IOException {
        try (ManagementClient server = config.connect()) {
            return server.bean(QueueMXBean.class).delete(id.text()) ? 0 : noSuchMessage(id);
        }
    }

    private int noSuchMessage(MessageId id) {
        err.println("posthorn: there is no message " + id);
        return Posthorn.NO_SUCH_MESSAGE;
    }

    private void print(QueueEntry message, JsonOption json) {
        if (json.isGiven()) {
            out.println(Json.of(message));
            return;
        }
        out.printf(
                "%s %s %d octets, accepted %s%n",
                message.id(), escaped(message.sender()), message.size(), message.accepted());
        message.jobs().forEach(this::print);
    }

    private void print(QueueEntry.QueuedJob job) {
        String state =
                job.reason().isEmpty()
                        ? job.state()
                        : job.state() + " (" + escaped(job.reason()) + ")";
        out.printf(
                "  to %s: %s, due %s, attempts %d%n",
                escaped(job.destination()), state, job.due(), job.attempts());
        job.recipients()
                .forEach(
                        recipient ->
                                out.printf(
                                        "    <%s>%s%n",
                                        escaped(recipient.address()),
                                        recipient.last().isEmpty()
                                                ? ""
                                                : " " + escaped(recipient.last())));
    }
}
