package org.posthorn.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A page of `docs/` that is made from the program.
public final class GeneratedPage {
    private GeneratedPage() {}

    /// Checks that the page is what the program makes of it now.
    public static void check(String name, String text) throws IOException {
        Path made = Path.of("target/docs").resolve(name);
        Files.createDirectories(made.getParent());
        Files.writeString(made, text);
        Path page = Path.of("../docs").resolve(name);
        String now = Files.exists(page) ? Files.readString(page) : "";
        assertThat(now).as("docs/%s is stale: copy server/%s over it", name, made).isEqualTo(text);
    }
}
