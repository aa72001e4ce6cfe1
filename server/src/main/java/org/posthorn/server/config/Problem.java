package org.posthorn.server.config;

import com.typesafe.config.ConfigOrigin;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Something wrong with the configuration. Immutable.
///
/// @param file the file, or another source such as an environment variable
/// @param line the line in it, or -1 where there is none
/// @param path the setting, such as `listeners.smtp.port`; empty when it is not about one
/// @param text what is wrong, and what was expected
public record Problem(String file, int line, String path, String text) {
    private static final Pattern DESCRIPTION = Pattern.compile("(.+): (\\d+)");

    static Problem at(ConfigOrigin origin, String path, String text) {
        String file = origin.filename();
        if (file != null) {
            return new Problem(file, origin.lineNumber(), path, text);
        }
        Matcher described = DESCRIPTION.matcher(origin.description());
        return described.matches()
                ? new Problem(described.group(1), origin.lineNumber(), path, text)
                : new Problem(origin.description(), origin.lineNumber(), path, text);
    }

    /// Returns `file:line: path: what is wrong`.
    @Override
    public String toString() {
        String place = line < 0 ? file : file + ":" + line;
        return place + ": " + (path.isEmpty() ? "" : path + ": ") + text;
    }
}
