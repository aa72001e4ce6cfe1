package org.posthorn.server.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import org.posthorn.api.plugin.Plugin;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Makes plugins' jars from sources, as their authors do: against the API alone.
public final class PluginJar {
    private static final String SERVICE = "META-INF/services/" + Plugin.class.getName();

    private PluginJar() {}

    /// A plugin without a module descriptor.
    ///
    /// @param name the plugin's name
    /// @param body the body of its method `start`
    public static void plain(Path jar, String name, String body, Path... libraries) {
        String type = "p." + simple(name);
        make(
                jar,
                Map.of("p/" + simple(name) + ".java", source(name, body), SERVICE, type),
                libraries);
    }

    /// A plugin that is a module.
    ///
    /// @param descriptor what its module-info says besides requiring the API
    public static void modular(Path jar, String name, String body, String descriptor) {
        String simple = simple(name);
        make(
                jar,
                Map.of(
                        "p/" + simple + ".java",
                        source(name, body),
                        "module-info.java",
                        """
                        module %s {
                            requires org.posthorn.api;
                            provides org.posthorn.api.plugin.Plugin with p.%s;
                            %s
                        }
                        """
                                .formatted(simple, simple, descriptor)));
    }

    private static String simple(String name) {
        return name.replace("-", "").replace(".", "");
    }

    private static String source(String name, String body) {
        return """
        package p;
        import org.posthorn.api.config.*;
        import org.posthorn.api.plugin.*;
        public final class %1$s implements Plugin<%1$s.Settings> {
            record Settings(@Default("7") int number, Inner inner) {
                Settings {
                    if (number > 9) {
                        throw new IllegalArgumentException("number must be at most 9");
                    }
                }
            }
            record Inner(@Default("hello") String text) {}
            public String name() { return "%2$s"; }
            public Class<Settings> settings() { return Settings.class; }
            public Hooks start(Settings settings, PluginContext context) throws Exception {
                %3$s
            }
            static Hooks hooks() { return session -> new SessionHooks() {}; }
        }
        """
                .formatted(simple(name), name, body);
    }

    /// Compiles what is Java, and packs it with the rest.
    ///
    /// @param files contents by path
    public static void make(Path jar, Map<String, String> files, Path... libraries) {
        try {
            Path sources = Files.createTempDirectory(jar.toAbsolutePath().getParent(), "src");
            Path classes = Files.createTempDirectory(sources, "classes");
            List<String> java = new ArrayList<>();
            for (var file : files.entrySet()) {
                boolean source = file.getKey().endsWith(".java");
                Path path = (source ? sources : classes).resolve(file.getKey());
                Files.createDirectories(path.getParent());
                Files.writeString(path, file.getValue());
                if (source) {
                    java.add(path.toString());
                }
            }
            String path = files.containsKey("module-info.java") ? "--module-path" : "--class-path";
            List<String> compile =
                    new ArrayList<>(List.of("-d", classes.toString(), path, api(libraries)));
            compile.addAll(java);
            run("javac", compile);
            List<String> pack = new ArrayList<>(List.of("--create", "--file", jar.toString()));
            if (files.containsKey("META-INF/MANIFEST.MF")) {
                pack.addAll(
                        List.of("--manifest", classes.resolve("META-INF/MANIFEST.MF").toString()));
            }
            pack.addAll(List.of("-C", classes.toString(), "."));
            run("jar", pack);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String api(Path... libraries) {
        Stream<Path> given =
                Stream.of("org.posthorn.api", "org.slf4j", "org.jspecify").map(PluginJar::location);
        return Stream.concat(given, Arrays.stream(libraries))
                .map(Path::toString)
                .collect(Collectors.joining(":"));
    }

    /// Returns where a module of the server comes from.
    public static Path location(String module) {
        URI place =
                ModuleLayer.boot()
                        .configuration()
                        .findModule(module)
                        .orElseThrow()
                        .reference()
                        .location()
                        .orElseThrow();
        return Path.of(place);
    }

    private static void run(String tool, List<String> arguments) {
        StringWriter said = new StringWriter();
        PrintWriter out = new PrintWriter(said);
        int status =
                ToolProvider.findFirst(tool)
                        .orElseThrow()
                        .run(out, out, arguments.toArray(String[]::new));
        assertThat(status).as("%s said: %s", tool, said).isZero();
    }
}
