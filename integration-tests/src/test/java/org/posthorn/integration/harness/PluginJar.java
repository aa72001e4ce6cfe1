package org.posthorn.integration.harness;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/// Builds a plugin from sources, against what plugins are given and nothing else.
public final class PluginJar {
    private PluginJar() {}

    /// Compiles a plugin's sources and drops its jar into a distribution.
    ///
    /// @param name the plugin's directory below `plugins`, and of its sources among the resources
    /// @param libraries jars of its own, which go with it
    public static void install(Distribution distribution, String name, Path... libraries)
            throws IOException {
        Path target = Files.createDirectories(distribution.plugin(name));
        for (Path library : libraries) {
            Files.copy(library, target.resolve(library.getFileName()));
        }
        Path classes = Files.createTempDirectory("posthorn-plugin");
        List<String> compile = new ArrayList<>(List.of("-d", classes.toString()));
        compile.addAll(List.of("--module-path", api(distribution) + ":" + target));
        compile.addAll(sources(name));
        run("javac", compile);
        Path jar = target.resolve(name + ".jar");
        run("jar", List.of("--create", "--file", jar.toString(), "-C", classes.toString(), "."));
        Finished.run(List.of("rm", "-r", classes.toString())).succeeded();
    }

    private static List<String> sources(String name) throws IOException {
        try (Stream<Path> tree =
                Files.walk(Path.of(PluginJar.class.getResource("../plugin/" + name).toURI()))) {
            return tree.map(Path::toString).filter(path -> path.endsWith(".java")).toList();
        } catch (URISyntaxException e) {
            throw new IOException(e);
        }
    }

    /// Returns the API's jar and those that it requires.
    private static String api(Distribution distribution) throws IOException {
        try (Stream<Path> jars = Files.list(distribution.directory().resolve("lib"))) {
            List<String> given =
                    jars.map(Path::toString)
                            .filter(jar -> jar.matches(".*/(posthorn-api|slf4j-api|jspecify)-.*"))
                            .toList();
            return String.join(":", given);
        }
    }

    private static void run(String tool, List<String> arguments) {
        var said = new StringWriter();
        var writer = new PrintWriter(said);
        int status =
                ToolProvider.findFirst(tool)
                        .orElseThrow()
                        .run(writer, writer, arguments.toArray(String[]::new));
        if (status != 0) {
            throw new AssertionError(tool + " " + arguments + ": " + said);
        }
    }
}
