package org.posthorn.integration.harness;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// A program that has ended.
///
/// @param command what was started
/// @param status its exit status
/// @param output what it wrote to standard output
/// @param errors what it wrote to standard error
public record Finished(List<String> command, int status, String output, String errors) {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /// Runs a program without input, in the current directory.
    public static Finished run(List<String> command) {
        return run(command, new byte[0]);
    }

    /// Runs a program that reads this from its standard input.
    public static Finished run(List<String> command, byte[] input) {
        return run(Path.of(""), Map.of(), command, input);
    }

    /// Runs a program to its end, at most two minutes.
    ///
    /// @param environment what is set besides what this process has
    public static Finished run(
            Path directory, Map<String, String> environment, List<String> command, byte[] input) {
        try {
            Path files = Files.createTempDirectory("posthorn-program");
            Path in = Files.write(files.resolve("in"), input);
            Path out = files.resolve("out");
            Path err = files.resolve("err");
            var builder =
                    new ProcessBuilder(command)
                            .directory(directory.toAbsolutePath().toFile())
                            .redirectInput(in.toFile())
                            .redirectOutput(out.toFile())
                            .redirectError(err.toFile());
            builder.environment().putAll(environment);
            Process process = builder.start();
            boolean ended = process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            if (!ended) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly().waitFor();
            }
            var finished = new Finished(command, process.exitValue(), text(out), text(err));
            for (Path file : List.of(in, out, err, files)) {
                Files.delete(file);
            }
            assertThat(ended).as("%s ends within %s", finished, PATIENCE).isTrue();
            return finished;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + command + " ran", e);
        }
    }

    private static String text(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    }

    /// Insists on exit status 0.
    public Finished succeeded() {
        assertThat(status).as("exit status of %s", this).isZero();
        return this;
    }

    /// Insists on an exit status other than 0.
    public Finished failed() {
        assertThat(status).as("exit status of %s", this).isNotZero();
        return this;
    }

    /// Returns both streams, output first.
    public String said() {
        return output + errors;
    }
}
