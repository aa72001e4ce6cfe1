package org.posthorn.integration.harness;

import static org.assertj.core.api.Assertions.assertThat;

import org.awaitility.Awaitility;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/// A program that runs until it is ended, its two streams in files. None outlives this process.
public final class Daemon implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Set<Daemon> RUNNING = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> RUNNING.forEach(Daemon::kill)));
    }

    private final String name;
    private final Process process;
    private final Path output;
    private final Path errors;

    private Daemon(String name, Process process, Path output, Path errors) {
        this.name = name;
        this.process = process;
        this.output = output;
        this.errors = errors;
    }

    /// Starts a program.
    ///
    /// @param directory where it runs, and where its output goes: appended to `NAME.out` and
    ///     `NAME.err`
    /// @param environment what is set besides what this process has
    public static Daemon start(
            Path directory, String name, Map<String, String> environment, List<String> command) {
        Path output = directory.resolve(name + ".out");
        Path errors = directory.resolve(name + ".err");
        var builder =
                new ProcessBuilder(command)
                        .directory(directory.toFile())
                        .redirectInput(Redirect.from(Path.of("/dev/null").toFile()))
                        .redirectOutput(Redirect.appendTo(output.toFile()))
                        .redirectError(Redirect.appendTo(errors.toFile()));
        builder.environment().putAll(environment);
        try {
            var daemon = new Daemon(name, builder.start(), output, errors);
            RUNNING.add(daemon);
            return daemon;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Waits until it is ready, and fails at once when it has ended instead.
    public Daemon awaitReady(BooleanSupplier ready) {
        Awaitility.await(name + " to be ready")
                .atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> ready.getAsBoolean() || hasEnded());
        return this;
    }

    private boolean hasEnded() {
        assertThat(process.isAlive())
                .as("%s runs; it said: %s%s", name, output(), errors())
                .isTrue();
        return false;
    }

    /// Returns the process's number.
    public long pid() {
        return process.pid();
    }

    /// Tells whether it runs.
    public boolean isRunning() {
        return process.isAlive();
    }

    /// Returns all that it wrote to standard output.
    public String output() {
        return text(output);
    }

    /// Returns all that it wrote to standard error.
    public String errors() {
        return text(errors);
    }

    /// Ends it and its children by `SIGKILL`, and waits for the end.
    public void kill() {
        List<ProcessHandle> all = process.descendants().toList();
        process.destroyForcibly();
        all.forEach(ProcessHandle::destroyForcibly);
        awaitEnd();
    }

    /// Asks it by `SIGTERM` to end, and waits for that.
    ///
    /// @return its exit status
    public int terminate() {
        process.destroy();
        return awaitEnd();
    }

    /// Waits until it has ended by itself.
    ///
    /// @return its exit status
    public int awaitEnd() {
        try {
            boolean ended = process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            assertThat(ended).as("%s ends within %s", name, PATIENCE).isTrue();
            RUNNING.remove(this);
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + name + " was to end", e);
        }
    }

    @Override
    public void close() {
        List<ProcessHandle> all = process.descendants().toList();
        if (process.isAlive()) {
            terminate();
        }
        all.forEach(ProcessHandle::destroyForcibly);
        RUNNING.remove(this);
    }

    private static String text(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
