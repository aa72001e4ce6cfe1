package org.posthorn.integration.harness;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// A packed Posthorn.
///
/// @param directory holds `bin`, `lib`, `plugins`, `runtime`
public record Distribution(Path directory) {

    /// Returns the one that this build has packed.
    public static Distribution packed() {
        Path directory = Path.of("..", "distribution", "target", "posthorn");
        assertThat(directory.resolve("bin/posthorn"))
                .as("the packed server; run the build from the root of the project")
                .isExecutable();
        try {
            return new Distribution(directory.toRealPath());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Returns a copy that a test may change; its times are kept, so that its caches stay valid.
    public Distribution copiedTo(Path target) {
        Finished.run(List.of("cp", "-a", directory.toString(), target.toString())).succeeded();
        return new Distribution(target);
    }

    /// Returns the directory of a plugin, which need not exist.
    public Path plugin(String name) {
        return directory.resolve("plugins").resolve(name);
    }

    /// Returns the command.
    public Path command() {
        Path command = directory.resolve("bin/posthorn");
        assertThat(Files.isExecutable(command)).as("%s is executable", command).isTrue();
        return command;
    }
}
