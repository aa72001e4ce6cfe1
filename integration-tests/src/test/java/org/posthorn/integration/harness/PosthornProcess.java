package org.posthorn.integration.harness;

import static org.assertj.core.api.Assertions.assertThat;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The packed server in a directory of its own: `posthorn.conf`, `data`, and all that it says.
///
/// [#close] insists that it never warned of anything that the test did not announce.
public final class PosthornProcess implements AutoCloseable {
    private static final Pattern WARNING =
            Pattern.compile("\\b(WARN|WARNING|ERROR|SEVERE)\\b|Exception\\b|^\\s+at \\S+\\(");

    private final Distribution distribution;
    private final Path directory;
    private final Configuration configuration;
    private final Map<String, String> environment;
    private final List<Pattern> announced = new ArrayList<>();
    private Daemon daemon;

    private PosthornProcess(
            Distribution distribution,
            Path directory,
            Configuration configuration,
            Map<String, String> environment) {
        this.distribution = distribution;
        this.directory = directory;
        this.configuration = configuration;
        this.environment = environment;
    }

    /// Starts the server that this build packed, and waits for its `220`.
    public static PosthornProcess start(Path directory, Configuration configuration) {
        return start(Distribution.packed(), directory, configuration, "");
    }

    /// Starts a server and waits for its `220`.
    ///
    /// @param javaOptions such as `-Xmx256m`, or nothing
    public static PosthornProcess start(
            Distribution distribution,
            Path directory,
            Configuration configuration,
            String javaOptions) {
        return start(
                distribution, directory, configuration, Map.of("POSTHORN_JAVA_OPTS", javaOptions));
    }

    /// Starts a server and waits for its `220`.
    ///
    /// @param environment what is set besides what this process has, for its commands as well
    public static PosthornProcess start(
            Distribution distribution,
            Path directory,
            Configuration configuration,
            Map<String, String> environment) {
        var server = new PosthornProcess(distribution, directory, configuration, environment);
        server.write(configuration.text(directory));
        server.start();
        return server;
    }

    private void write(String text) {
        try {
            Files.writeString(file(), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Starts it (again) with the same directory, and waits for its `220`, and for its management,
    /// which opens after that.
    public void start() {
        String command = distribution.command().toString();
        daemon =
                Daemon.start(
                                directory,
                                "posthorn",
                                environment,
                                List.of(command, "serve", "--config", file().toString()))
                        .awaitReady(
                                () ->
                                        SmtpConnection.isGreeted("127.0.0.1", smtpPort())
                                                && Files.exists(path("data/jmx/url")));
    }

    /// Ends it by `SIGKILL`.
    public void kill() {
        daemon.kill();
    }

    /// Ends it by `SIGTERM`.
    ///
    /// @return its exit status
    public int terminate() {
        return daemon.terminate();
    }

    /// Runs a command of `posthorn` for this server's configuration.
    public Finished command(String... arguments) {
        return commandFor(file(), arguments);
    }

    /// Runs a command of `posthorn` for another configuration.
    public Finished commandFor(Path configuration, String... arguments) {
        List<String> command = new ArrayList<>(List.of(distribution.command().toString()));
        command.addAll(List.of(arguments));
        command.addAll(List.of("--config", configuration.toString()));
        return Finished.run(directory, environment, command, new byte[0]);
    }

    /// Returns what `queue list --json` prints: one message a line.
    public List<JsonNode> queue() {
        return command("queue", "list", "--json")
                .succeeded()
                .output()
                .lines()
                .map(JsonMapper.shared()::readTree)
                .toList();
    }

    /// Announces a warning: lines that match are no surprise.
    public PosthornProcess expect(String pattern) {
        announced.add(Pattern.compile(pattern));
        return this;
    }

    /// Returns the SMTP listener's port.
    public int smtpPort() {
        return configuration.smtpPort();
    }

    /// Returns the server's process number.
    public long pid() {
        return daemon.pid();
    }

    /// Tells whether it runs.
    public boolean isRunning() {
        return daemon.isRunning();
    }

    /// Returns what stands at this path of its directory.
    public Path path(String relative) {
        return directory.resolve(relative);
    }

    /// Returns all that it said since its first start.
    public String log() {
        return daemon.output() + daemon.errors();
    }

    /// Returns the mail log.
    public String mailLog() {
        try {
            return Files.readString(path("data/log/mail.log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Returns how many files, sockets and pipes it has open.
    public long openFiles() {
        try (Stream<Path> files = Files.list(Path.of("/proc", Long.toString(pid()), "fd"))) {
            return files.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path file() {
        return directory.resolve("posthorn.conf");
    }

    /// Ends it, and insists that it ended well and never warned.
    @Override
    public void close() {
        if (daemon.isRunning()) {
            assertThat(terminate())
                    .as("exit status after SIGTERM; it said: %s", log())
                    .isIn(0, 143);
        }
        Predicate<String> surprising =
                line -> announced.stream().noneMatch(pattern -> pattern.matcher(line).find());
        assertThat(log().lines().filter(WARNING.asPredicate()).filter(surprising))
                .as("warnings of the server")
                .isEmpty();
    }
}
