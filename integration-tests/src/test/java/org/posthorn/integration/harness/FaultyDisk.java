package org.posthorn.integration.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// A disk for a server's data that has faults when a test says so (`faults.c`).
public final class FaultyDisk {
    private static final Path SOURCE = Path.of("src", "test", "c", "faults.c");

    private final Path library;
    private final Path control;
    private final Path root;

    private FaultyDisk(Path library, Path control, Path root) {
        this.library = library;
        this.control = control;
        this.root = root;
    }

    /// Makes one without faults.
    ///
    /// @param root what is on it
    /// @param beside a directory that is not
    public static FaultyDisk of(Path root, Path beside) {
        Path library = beside.resolve("faults.so");
        Finished.run(
                        List.of(
                                "gcc",
                                "-shared",
                                "-fPIC",
                                "-O2",
                                "-Wall",
                                "-Wextra",
                                "-Werror",
                                "-o",
                                library.toString(),
                                SOURCE.toAbsolutePath().toString()))
                .succeeded();
        var disk = new FaultyDisk(library, beside.resolve("faults"), root);
        disk.heal();
        return disk;
    }

    /// Returns what a server's environment must hold.
    public Map<String, String> environment() {
        return Map.of(
                "LD_PRELOAD",
                library.toString(),
                "FAULTS_ROOT",
                root.toString(),
                "FAULTS_CONTROL",
                control.toString());
    }

    /// Lets nothing be written any more.
    public void becomeReadOnly() {
        set("r0");
    }

    /// Lets each sync take so long.
    public void becomeSlow(Duration sync) {
        set("w" + sync.toMillis());
    }

    /// Ends all faults, also for syncs that have begun.
    public void heal() {
        set("w0");
    }

    /// In place, for the server has mapped the file.
    private void set(String state) {
        byte[] octets =
                (state + " ".repeat(16 - state.length())).getBytes(StandardCharsets.US_ASCII);
        try (FileChannel file =
                FileChannel.open(control, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap(octets), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
