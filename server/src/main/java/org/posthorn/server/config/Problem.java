package org.posthorn.server.config;

import com.typesafe.config.ConfigOrigin;

/// Something wrong with the configuration. Immutable.
///
/// @param where the file and line, or another source such as an environment variable
/// @param path the setting, such as `listeners.smtp.port`; empty when it is not about one
/// @param text what is wrong, and what was expected
public record Problem(String where, String path, String text) {

    static Problem at(ConfigOrigin origin, String path, String text) {
        return new Problem(where(origin), path, text);
    }

    static String where(ConfigOrigin origin) {
        String file = origin.filename();
        if (file == null) {
            return origin.description().replaceFirst(": (?=\\d+$)", ":");
        }
        return origin.lineNumber() < 0 ? file : file + ":" + origin.lineNumber();
    }

    /// Returns `file:line: path: what is wrong`.
    @Override
    public String toString() {
        return where + ": " + (path.isEmpty() ? "" : path + ": ") + text;
    }
}
