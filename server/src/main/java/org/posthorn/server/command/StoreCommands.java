package org.posthorn.server.command;

import static org.posthorn.server.log.UnsafeText.escaped;

import org.posthorn.queue.StoppedQueue;
import org.posthorn.server.config.ConfigurationException;
import org.posthorn.server.management.ManagementClient;
import org.posthorn.server.management.ManagementClient.NotRunningException;
import org.posthorn.server.management.StoreBean;
import org.posthorn.server.mxbean.StoreMXBean;
import org.posthorn.server.mxbean.StoreVerification;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Callable;

/// The parts of `posthorn queue` that are about its files.
final class StoreCommands {
    private StoreCommands() {}

    /// `posthorn queue verify`
    @Command(
            name = "verify",
            description = {
                "Checks everything that must be true of the queue, and reads all of it.",
                "Looks at a copy of the moment when a server runs, and at the files when none does."
            })
    static final class Verify implements Callable<Integer> {
        private final PrintWriter out;
        @Mixin private ConfigOption config = new ConfigOption();
        @Mixin private JsonOption json = new JsonOption();

        @Option(
                names = "--backup",
                paramLabel = "DIRECTORY",
                description = "Looks at a backup instead of the server's own queue.")
        private Optional<Path> backup = Optional.empty();

        Verify(PrintWriter out) {
            this.out = out;
        }

        @Override
        public Integer call() throws ConfigurationException, IOException {
            StoreVerification found =
                    backup.isPresent() ? stopped(backup.get()) : runningOrStopped();
            if (json.isGiven()) {
                out.println(Json.of(found));
            } else {
                print(found);
            }
            return found.wrong() == 0 ? 0 : Posthorn.FAILED;
        }

        private StoreVerification runningOrStopped() throws ConfigurationException, IOException {
            try (ManagementClient server = config.connect()) {
                return server.bean(StoreMXBean.class).verify();
            } catch (NotRunningException _) {
                return stopped(config.settings().dataDirectory());
            }
        }

        private static StoreVerification stopped(Path directory) throws IOException {
            return StoreBean.verification(StoppedQueue.verify(directory.resolve("queue")));
        }

        private void print(StoreVerification found) {
            found.findings().forEach(it -> out.println(escaped(it)));
            if (found.wrong() > found.findings().size()) {
                out.println("and " + (found.wrong() - found.findings().size()) + " more");
            }
            out.printf(
                    "%d messages, %d jobs, %d rows set aside: %s%n",
                    found.messages(),
                    found.jobs(),
                    found.aside(),
                    found.wrong() == 0
                            ? "nothing is wrong"
                            : found.wrong() == 1
                                    ? "1 thing is wrong"
                                    : found.wrong() + " things are wrong");
        }
    }

    /// `posthorn queue repair`
    @Command(
            name = "repair",
            description = {
                "Puts a new queue in the place of a damaged one, of all that can be read.",
                "For a server that is stopped. The damaged one is kept beside it."
            })
    static final class Repair implements Callable<Integer> {
        private final PrintWriter out;
        private final InstantSource clock;
        @Mixin private ConfigOption config = new ConfigOption();

        Repair(PrintWriter out, InstantSource clock) {
            this.out = out;
            this.clock = clock;
        }

        @Override
        public Integer call() throws ConfigurationException, IOException {
            try (ManagementClient _ = config.connect()) {
                throw new IOException("a server uses the queue: stop it first");
            } catch (NotRunningException _) {
                return repair(config.settings().dataDirectory().resolve("queue"));
            }
        }

        private int repair(Path directory) throws IOException {
            StoppedQueue.Repaired done = StoppedQueue.repair(directory, clock);
            done.said().forEach(it -> out.println(escaped(it)));
            if (done.changes() > done.said().size()) {
                out.println("and " + (done.changes() - done.said().size()) + " more");
            }
            out.printf(
                    "%d messages, %d jobs; indexes and counters were made anew%n"
                            + "the queue as it was: %s%n",
                    done.messages(), done.jobs(), done.before());
            return 0;
        }
    }

    /// `posthorn queue backup`
    @Command(
            name = "backup",
            description = {
                "Copies the queue of this moment while the server runs.",
                "To use the copy, make its directory the data-directory of a server."
            })
    static final class Backup implements Callable<Integer> {
        @Mixin private ConfigOption config = new ConfigOption();

        @Parameters(
                paramLabel = "DIRECTORY",
                description = "Made when it is missing. There must be no queue in it.")
        private Path directory = Path.of("");

        @Override
        public Integer call() throws ConfigurationException, IOException {
            try (ManagementClient server = config.connect()) {
                server.bean(StoreMXBean.class).backUp(directory.toAbsolutePath().toString());
            }
            return 0;
        }
    }
}
