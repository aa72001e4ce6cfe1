package org.posthorn.server.config;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigIncludeContext;
import com.typesafe.config.ConfigIncluder;
import com.typesafe.config.ConfigIncluderFile;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigOriginFactory;
import com.typesafe.config.ConfigParseable;
import com.typesafe.config.ConfigUtil;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/// Takes in the files that a configuration names. The library would pass over one that does not
/// exist, and with it over what an operator meant to say.
final class Includes implements ConfigIncluder, ConfigIncluderFile {
    private static final Pattern QUOTED = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"");

    /// The files that are being read, the innermost first.
    private final Deque<Path> reading = new ArrayDeque<>();

    Includes(Path outermost) {
        reading.push(outermost);
    }

    @Override
    public ConfigIncluder withFallback(ConfigIncluder other) {
        return this;
    }

    @Override
    public ConfigObject include(ConfigIncludeContext context, String name) {
        ConfigParseable file = context.relativeTo(name);
        String place = file.origin().filename();
        if (place == null || !Files.isReadable(Path.of(place))) {
            throw new ConfigException.IO(
                    including(name),
                    "includes " + (place == null ? name : place) + ", but cannot read such a file");
        }
        reading.push(Path.of(place));
        try {
            return file.parse(file.options());
        } finally {
            reading.pop();
        }
    }

    /// The library does not say which line it is at.
    private ConfigOrigin including(String name) {
        Path file = reading.element();
        ConfigOrigin origin = ConfigOriginFactory.newFile(file.toString());
        try {
            List<String> lines = Files.readAllLines(file);
            return IntStream.range(0, lines.size())
                    .filter(i -> includes(lines.get(i), name))
                    .mapToObj(i -> origin.withLineNumber(i + 1))
                    .findFirst()
                    .orElse(origin);
        } catch (IOException e) {
            return origin;
        }
    }

    private static boolean includes(String line, String name) {
        return line.stripLeading().startsWith("include")
                && QUOTED.matcher(line)
                        .results()
                        .anyMatch(quoted -> ConfigUtil.quoteString(name).equals(quoted.group()));
    }

    @Override
    public ConfigObject includeFile(ConfigIncludeContext context, File file) {
        return include(context, file.getPath());
    }
}
