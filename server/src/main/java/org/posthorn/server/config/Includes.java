package org.posthorn.server.config;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigIncludeContext;
import com.typesafe.config.ConfigIncluder;
import com.typesafe.config.ConfigIncluderFile;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseable;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;

/// Takes in the files that a configuration names. The library would pass over one that does not
/// exist, and with it over what an operator meant to say.
final class Includes implements ConfigIncluder, ConfigIncluderFile {

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
                    file.origin(), "is included, but there is no such file to read");
        }
        return file.parse(file.options());
    }

    @Override
    public ConfigObject includeFile(ConfigIncludeContext context, File file) {
        return include(context, file.getPath());
    }
}
