package org.posthorn.server.config;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigValue;

import org.jspecify.annotations.Nullable;

/// Settings between two braces, as they were written. Immutable.
///
/// @param object the settings
/// @param path where the block stands, such as `plugins[0]`; empty for the whole configuration
public record Block(ConfigObject object, String path) {

    /// Says what is wrong with a setting of this block; with the block, when it has no such
    /// setting.
    public Problem problem(String key, String text) {
        ConfigValue value = object.get(key);
        return Problem.at(value == null ? object.origin() : value.origin(), pathOf(key), text);
    }

    /// Says what is wrong with this block.
    public Problem problem(String text) {
        return Problem.at(object.origin(), path, text);
    }

    String pathOf(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    @Nullable ConfigValue get(String key) {
        return object.get(key);
    }

    ConfigOrigin origin() {
        return object.origin();
    }
}
