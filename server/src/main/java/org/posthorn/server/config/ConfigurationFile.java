package org.posthorn.server.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigOriginFactory;
import com.typesafe.config.ConfigParseOptions;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// A configuration file in HOCON, with what it includes and with variables of the environment.
public final class ConfigurationFile {
    private ConfigurationFile() {}

    /// Reads a file, without any meaning yet.
    ///
    /// @param builtIn settings that are there when the file does not mention them: the file may
    ///     refer to them by `${...}`
    /// @throws ConfigurationException when there is no such file, its syntax is wrong, or it refers
    ///     to something that does not exist
    public static Block read(Path file, Map<String, String> builtIn) throws ConfigurationException {
        if (!Files.isReadable(file)) {
            throw broken(new Problem(file.toString(), -1, "", "there is no such file to read"));
        }
        ConfigOrigin origin = ConfigOriginFactory.newFile(file.toString()).withLineNumber(1);
        try {
            ConfigParseOptions options =
                    ConfigParseOptions.defaults()
                            .setAllowMissing(false)
                            .setIncluder(new Includes(file));
            Config resolved =
                    ConfigFactory.parseFile(file.toFile(), options)
                            .withFallback(ConfigFactory.parseMap(builtIn, "default"))
                            .resolve();
            return new Block(resolved.root().withOrigin(origin), "");
        } catch (ConfigException e) {
            throw broken(Problem.at(e.origin() == null ? origin : e.origin(), "", reason(e)));
        }
    }

    /// The library puts the place in front of its text, and we do so, too.
    private static String reason(ConfigException e) {
        String text = String.valueOf(e.getMessage());
        String place = e.origin() == null ? "" : e.origin().description() + ": ";
        return text.startsWith(place) ? text.substring(place.length()) : text;
    }

    private static ConfigurationException broken(Problem problem) {
        return new ConfigurationException(List.of(problem));
    }
}
