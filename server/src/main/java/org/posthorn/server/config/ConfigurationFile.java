package org.posthorn.server.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// A configuration file in HOCON, with what it includes and with variables of the environment.
public final class ConfigurationFile {
    private ConfigurationFile() {}

    /// Reads a file, without any meaning yet.
    ///
    /// @param builtIn settings that are there when the file does not mention them, as HOCON: the
    ///     file may refer to them by `${...}`
    /// @throws ConfigurationException when there is no such file, its syntax is wrong, or it refers
    ///     to something that does not exist
    public static Config read(Path file, String builtIn) throws ConfigurationException {
        if (!Files.isReadable(file)) {
            throw broken(new Problem(file.toString(), "", "there is no such file to read"));
        }
        try {
            ConfigParseOptions options = ConfigParseOptions.defaults().setAllowMissing(false);
            ConfigParseOptions origin = options.setOriginDescription("default");
            return ConfigFactory.parseFile(file.toFile(), options)
                    .withFallback(ConfigFactory.parseString(builtIn, origin))
                    .resolve();
        } catch (ConfigException e) {
            String where = e.origin() == null ? file.toString() : Problem.where(e.origin());
            throw broken(new Problem(where, "", reason(e)));
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
