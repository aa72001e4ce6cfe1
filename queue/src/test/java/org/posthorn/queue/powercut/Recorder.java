package org.posthorn.queue.powercut;

import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Runs a process whose use of its disk is written down.
///
/// @param library `recorder.c`, compiled
public record Recorder(Path library) {
    private static final Path SOURCE = Path.of("src", "test", "c", "recorder.c");
    private static final String MISSING =
            "the power-cut test needs a C compiler: install gcc and libc6-dev";

    /// Compiles the recorder.
    public static Recorder compile(Path into) throws IOException, InterruptedException {
        Path library = into.resolve("recorder.so");
        List<String> command =
                List.of(
                        "gcc",
                        "-shared",
                        "-fPIC",
                        "-O2",
                        "-Wall",
                        "-Wextra",
                        "-Werror",
                        "-pthread",
                        "-o",
                        library.toString(),
                        SOURCE.toAbsolutePath().toString());
        try {
            Process gcc = new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(gcc.getInputStream().readAllBytes());
            Assertions.assertEquals(0, gcc.waitFor(), said);
        } catch (IOException e) {
            if ("true".equals(System.getenv("CI"))) {
                throw new IOException(MISSING, e);
            }
            Assumptions.abort(MISSING);
        }
        return new Recorder(library);
    }

    /// What is written down.
    ///
    /// @param root the directory whose files are recorded
    /// @param journal where to
    /// @param notes the file by which the process adds notes to it
    /// @param lies whether the disk only says that it has synced
    public record Recording(Path root, Path journal, Path notes, boolean lies) {}

    /// Runs a Java program to its end.
    ///
    /// @throws IOException when it does not end well; the message is what it said
    public Journal run(Recording recording, String classPath, String... arguments)
            throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-Xmx256m",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                classPath));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("LD_PRELOAD", library.toString());
        builder.environment().put("POWERCUT_ROOT", recording.root().toString());
        builder.environment().put("POWERCUT_JOURNAL", recording.journal().toString());
        builder.environment().put("POWERCUT_NOTES", recording.notes().toString());
        if (recording.lies()) {
            builder.environment().put("POWERCUT_LIES", "yes");
        }
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes());
        if (process.waitFor() != 0) {
            throw new IOException("the recorded process failed: " + said);
        }
        return Journal.read(recording.journal());
    }

    /// Removes a directory and all in it.
    public static void remove(Path directory) throws IOException {
        if (Files.exists(directory)) {
            try (var tree = Files.walk(directory)) {
                for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }
}
