package org.posthorn.server.command;

import org.jspecify.annotations.Nullable;
import org.posthorn.api.mail.MessageId;
import org.posthorn.server.config.ConfigurationException;
import org.posthorn.server.management.ManagementClient;
import org.posthorn.server.mxbean.QueueEntry;
import org.posthorn.server.mxbean.QueueMXBean;
import org.posthorn.server.mxbean.SelectedMail;
import org.posthorn.server.selection.Selection;

import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;

/// `posthorn queue`
@Command(
        name = "queue",
        description = "Shows and changes what waits for delivery.",
        footer = {
            "",
            "Mail is meant by its ID or by --where SELECTION, such as",
            "  --where 'domain=*.example.org age>2d reason!=\"*try later*\"'",
            "Count first: all that changes mail takes --dry-run."
        })
final class QueueCommand {
    private static final int FIRST_PAGE = 100;
    private static final int PAGE = 1_000;

    private final PrintWriter out;
    private final PrintWriter err;
    private final QueueText text;

    QueueCommand(PrintWriter out, PrintWriter err) {
        this.out = out;
        this.err = err;
        this.text = new QueueText(out);
    }

    /// Something that the server does to what is selected.
    @FunctionalInterface
    private interface Change {
        SelectedMail on(QueueMXBean queue, String where, String who, String why);
    }

    @Command(name = "list", description = "Lists the messages in the queue, the oldest first.")
    int list(
            @Mixin ConfigOption config,
            @Mixin JsonOption json,
            @Option(
                            names = "--where",
                            paramLabel = "SELECTION",
                            defaultValue = "*",
                            description = "Only mail for which all terms hold; all when not given.")
                    Selection where,
            @Option(
                            names = "--removed",
                            description =
                                    "What was deleted or bounced instead, and can be brought back.")
                    boolean removed,
            @Option(names = "--limit", paramLabel = "N", description = "At most so many messages.")
                    @Nullable Integer limit)
            throws ConfigurationException, IOException {
        if (limit != null && limit < 1) {
            err.println("posthorn: --limit: expected 1 or more, not " + limit);
            return Posthorn.WRONG_USAGE;
        }
        try (ManagementClient server = config.connect()) {
            QueueMXBean queue = server.bean(QueueMXBean.class);
            int left = limit == null ? Integer.MAX_VALUE : limit;
            int size = FIRST_PAGE;
            String after = "";
            boolean more = true;
            while (more) {
                int wanted = Math.min(left, size);
                List<QueueEntry> page =
                        removed
                                ? queue.removed(where.toString(), after, wanted)
                                : queue.list(where.toString(), after, wanted);
                page.forEach(message -> text.list(message, json));
                left -= page.size();
                // Written page by page; the end when nobody reads any more.
                more = !out.checkError() && page.size() == wanted && left > 0;
                after = page.isEmpty() ? "" : page.getLast().id();
                size = PAGE;
            }
        }
        return 0;
    }

    @Command(
            name = "show",
            description = "Shows a message: why it is still here, and when it will move.")
    int show(
            @Mixin ConfigOption config,
            @Mixin JsonOption json,
            @Parameters(paramLabel = "ID", description = "A message's id.") MessageId id)
            throws ConfigurationException, IOException {
        try (ManagementClient server = config.connect()) {
            QueueMXBean queue = server.bean(QueueMXBean.class);
            List<QueueEntry> found = queue.show(id.text());
            found.forEach(message -> text.show(message, json));
            return found.isEmpty() ? noSuchMessage(queue, id) : 0;
        }
    }

    @Command(name = "count", description = "Counts mail.")
    int count(
            @Mixin ConfigOption config,
            @Mixin JsonOption json,
            @ArgGroup(multiplicity = "1") WhichMail which)
            throws ConfigurationException, IOException {
        try (ManagementClient server = config.connect()) {
            text.amount(server.bean(QueueMXBean.class).count(which.selection()), "", json);
        }
        return 0;
    }

    @Command(
            name = "retry",
            description =
                    "Makes mail due now. What was submitted for later (FUTURERELEASE) only by its ID.")
    int retry(@Mixin OperationOptions options) throws ConfigurationException, IOException {
        Optional<MessageId> id = options.which().id();
        if (id.isPresent() && isHeld(options, id.get())) {
            err.println("posthorn: " + id.get() + " is held: posthorn queue release " + id.get());
            return Posthorn.FAILED;
        }
        int status = change(options, " state!=held", QueueMXBean::retry);
        if (status == 0) {
            tellOfClosed(options);
        }
        return status;
    }

    /// Mail that is due all the same waits for its route to open.
    private void tellOfClosed(OperationOptions options) throws ConfigurationException, IOException {
        try (ManagementClient server = options.connect()) {
            String where = options.which().selection() + " state!=held";
            long closed = server.bean(QueueMXBean.class).countClosed(where).jobs();
            if (closed > 0) {
                err.println(
                        "posthorn: %d jobs wait for a delivery window of their route: posthorn queue show"
                                        .formatted(closed)
                                + " says when it opens, posthorn queue redirect sends them another way");
            }
        }
    }

    private static boolean isHeld(OperationOptions options, MessageId id)
            throws ConfigurationException, IOException {
        try (ManagementClient server = options.connect()) {
            List<QueueEntry> found = server.bean(QueueMXBean.class).show(id.text());
            return !found.isEmpty()
                    && found.getFirst().jobs().stream().allMatch(it -> it.state().equals("held"));
        }
    }

    @Command(name = "hold", description = "Keeps mail until it is released.")
    int hold(@Mixin OperationOptions options) throws ConfigurationException, IOException {
        return change(options, " state!=held", QueueMXBean::hold);
    }

    @Command(name = "release", description = "Ends holds: the mail is due now.")
    int release(@Mixin OperationOptions options) throws ConfigurationException, IOException {
        return change(options, " state=held", QueueMXBean::release);
    }

    @Command(name = "redirect", description = "Sends mail elsewhere than the routes say.")
    int redirect(
            @Mixin OperationOptions options,
            @Option(
                            names = "--to",
                            paramLabel = "ROUTE",
                            required = true,
                            description =
                                    "What may stand under to in a route: mx, smtp://host:port ...")
                    String route)
            throws ConfigurationException, IOException {
        return change(
                options, "", (queue, where, who, why) -> queue.redirect(where, route, who, why));
    }

    @Command(name = "due", description = "Changes when mail is due.")
    int due(
            @Mixin OperationOptions options,
            @Option(
                            names = "--at",
                            paramLabel = "TIME",
                            required = true,
                            description = "now, +30m, +2h, +1d, or such as 2026-01-01T12:00:00Z.")
                    String when)
            throws ConfigurationException, IOException {
        return change(options, "", (queue, where, who, why) -> queue.due(where, when, who, why));
    }

    @Command(name = "bounce", description = "Returns mail to its sender now.")
    int bounce(
            @Mixin OperationOptions options,
            @Option(
                            names = "--text",
                            paramLabel = "TEXT",
                            defaultValue = "",
                            description = "What the sender is told.")
                    String told)
            throws ConfigurationException, IOException {
        return change(options, "", (queue, where, who, why) -> queue.bounce(where, told, who, why));
    }

    @Command(
            name = "delete",
            description =
                    "Removes mail without a bounce. It can be brought back for queue.undo-window.")
    int delete(@Mixin OperationOptions options) throws ConfigurationException, IOException {
        return change(options, "", QueueMXBean::delete);
    }

    @Command(name = "undo", description = "Brings back mail that was deleted or bounced.")
    int undo(@Mixin OperationOptions options) throws ConfigurationException, IOException {
        try (ManagementClient server = options.connect()) {
            QueueMXBean queue = server.bean(QueueMXBean.class);
            String where = options.which().selection();
            SelectedMail mail =
                    options.isDryRun()
                            ? queue.countRemoved(where)
                            : queue.undo(where, user(), options.reason());
            Optional<MessageId> id = options.which().id();
            if (id.isPresent() && mail.messages() == 0) {
                err.println("posthorn: there is nothing to bring back of " + id.get());
                return Posthorn.NO_SUCH_MESSAGE;
            }
            return done(mail, options);
        } catch (IllegalArgumentException | IllegalStateException e) {
            return failed(e);
        }
    }

    /// @param fit selects what the operation changes at all, for counting
    private int change(OperationOptions options, String fit, Change change)
            throws ConfigurationException, IOException {
        try (ManagementClient server = options.connect()) {
            QueueMXBean queue = server.bean(QueueMXBean.class);
            String where = options.which().selection();
            SelectedMail mail =
                    options.isDryRun()
                            ? queue.count(where + fit)
                            : change.on(queue, where, user(), options.reason());
            Optional<MessageId> id = options.which().id();
            if (id.isPresent() && mail.messages() == 0 && queue.show(where).isEmpty()) {
                return noSuchMessage(queue, id.get());
            }
            return done(mail, options);
        } catch (IllegalArgumentException | IllegalStateException e) {
            return failed(e);
        }
    }

    private int done(SelectedMail mail, OperationOptions options) {
        text.amount(mail, options.isDryRun() ? " would change" : " changed", options.json());
        return 0;
    }

    private static String user() {
        return System.getProperty("user.name", "");
    }

    private int failed(RuntimeException e) {
        err.println("posthorn: " + e.getMessage());
        return Posthorn.FAILED;
    }

    private int noSuchMessage(QueueMXBean queue, MessageId id) {
        err.println("posthorn: there is no message " + id);
        if (!queue.removed(id.text(), "", 1).isEmpty()) {
            err.println("posthorn: it was deleted or bounced; posthorn queue undo " + id);
        }
        return Posthorn.NO_SUCH_MESSAGE;
    }
}
