package org.posthorn.server.command;

import static org.posthorn.server.log.UnsafeText.escaped;

import org.jspecify.annotations.Nullable;
import org.posthorn.queue.Operation;
import org.posthorn.server.assembly.StoppedServer;
import org.posthorn.server.config.ConfigurationException;
import org.posthorn.server.management.ManagementClient;
import org.posthorn.server.management.ManagementClient.NotRunningException;
import org.posthorn.server.mxbean.StoreMXBean;
import org.posthorn.server.mxbean.TransferredMail;
import org.posthorn.server.selection.Selection;
import org.posthorn.server.transfer.Account;

import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.random.RandomGenerator;

/// The parts of `posthorn queue` that take mail from queue to queue, of a running server or of a
/// stopped one.
final class TransferCommands {
    private TransferCommands() {}

    /// What both need.
    ///
    /// @param random makes ids hard to guess
    record Surroundings(
            PrintWriter out, PrintWriter err, InstantSource clock, RandomGenerator random) {

        private StoppedServer stopped(ConfigOption config) throws ConfigurationException {
            return new StoppedServer(config.settings(), config.home(), clock, random);
        }

        /// Prints what came of it.
        ///
        /// @return the exit status
        private int done(TransferredMail mail, String verb, JsonOption json) {
            if (json.isGiven()) {
                out.println(Json.of(mail));
            } else {
                mail.said().forEach(it -> err.println("posthorn: " + escaped(it)));
                out.printf(
                        "%d messages, %d jobs, %d octets %s%s%n",
                        mail.messages(),
                        mail.jobs(),
                        mail.octets(),
                        verb,
                        mail.refused() == 0 ? "" : "; " + mail.refused() + " left out");
            }
            return mail.refused() == 0 ? 0 : Posthorn.FAILED;
        }

        private int failed(IllegalArgumentException e) {
            err.println("posthorn: " + e.getMessage());
            return Posthorn.FAILED;
        }
    }

    /// `posthorn queue export`
    @Command(
            name = "export",
            description = {
                "Writes mail to files, to be imported elsewhere: each message as ID.json, its",
                "envelope, and ID.eml, its content. It stays in the queue."
            })
    static final class Export implements Callable<Integer> {
        private final Surroundings us;
        @Mixin private ConfigOption config = new ConfigOption();
        @Mixin private JsonOption json = new JsonOption();

        @ArgGroup(multiplicity = "1")
        private @Nullable WhichMail which;

        @Option(
                names = "--to",
                paramLabel = "PATH",
                required = true,
                description =
                        "A directory, or a tar archive to be made, whose name ends with .tar.")
        private Path to = Path.of("");

        Export(Surroundings us) {
            this.us = us;
        }

        @Override
        public Integer call() throws ConfigurationException, IOException {
            WhichMail mail = Objects.requireNonNull(which);
            try {
                TransferredMail done = export(mail.selection(), to.toAbsolutePath().normalize());
                if (mail.id().isPresent() && done.messages() + done.refused() == 0) {
                    us.err().println("posthorn: there is no message " + mail.id().get());
                    return Posthorn.NO_SUCH_MESSAGE;
                }
                return us.done(done, "exported", json);
            } catch (IllegalArgumentException e) {
                return us.failed(e);
            }
        }

        private TransferredMail export(String where, Path path)
                throws ConfigurationException, IOException {
            try (ManagementClient server = config.connect()) {
                StoreMXBean store = server.bean(StoreMXBean.class);
                try (Watch _ = Watch.begin(us.err(), store::getTransfers)) {
                    return store.exportTo(where, path.toString());
                }
            } catch (NotRunningException _) {
                Account account = new Account("export");
                try (Watch _ = Watch.begin(us.err(), account::transfers)) {
                    us.stopped(config).exportTo(Selection.parse(where), path, account);
                }
                return account.result();
            }
        }
    }

    /// `posthorn queue import`
    @Command(
            name = "import",
            description = {
                "Takes exported mail into the queue, with all that happened to it before.",
                "Each message is taken whole or not at all."
            })
    static final class Import implements Callable<Integer> {
        private final Surroundings us;
        @Mixin private ConfigOption config = new ConfigOption();
        @Mixin private JsonOption json = new JsonOption();

        @Parameters(
                paramLabel = "PATH",
                description = "A directory, a tar archive, or the .json file of one message.")
        private Path from = Path.of("");

        @Option(
                names = "--new-ids",
                description = "Gives all messages new ids, also where theirs are free here.")
        private boolean newIds;

        @Option(
                names = "--reason",
                paramLabel = "TEXT",
                defaultValue = "",
                description = "Why, for the log and the messages' history.")
        private String reason = "";

        Import(Surroundings us) {
            this.us = us;
        }

        @Override
        public Integer call() throws ConfigurationException, IOException {
            try {
                return us.done(taken(from.toAbsolutePath().normalize()), "imported", json);
            } catch (IllegalArgumentException e) {
                return us.failed(e);
            }
        }

        private TransferredMail taken(Path path) throws ConfigurationException, IOException {
            String who = System.getProperty("user.name", "");
            try (ManagementClient server = config.connect()) {
                StoreMXBean store = server.bean(StoreMXBean.class);
                try (Watch _ = Watch.begin(us.err(), store::getTransfers)) {
                    return store.importFrom(path.toString(), newIds, who, reason);
                }
            } catch (NotRunningException _) {
                Account account = new Account("import");
                try (Watch _ = Watch.begin(us.err(), account::transfers)) {
                    Operation.By by = new Operation.By(who, reason);
                    us.stopped(config).importFrom(path, newIds, by, account);
                }
                return account.result();
            }
        }
    }
}
