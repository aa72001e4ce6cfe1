package org.posthorn.server.config;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigValue;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.stream.IntStream;

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

    /// Returns the blocks of a list of this block; nothing where there is no such list.
    public List<Block> blocks(String key) {
        if (!(object.get(key) instanceof ConfigList list)) {
            return List.of();
        }
        return IntStream.range(0, list.size())
                .filter(i -> list.get(i) instanceof ConfigObject)
                .mapToObj(i -> new Block((ConfigObject) list.get(i), pathOf(key) + "[" + i + "]"))
                .toList();
    }

    /// Returns a block of this block, or this one where there is none of that name.
    public Block block(String key) {
        return object.get(key) instanceof ConfigObject inner ? new Block(inner, pathOf(key)) : this;
    }

    Block without(String key) {
        return new Block(object.withoutKey(key), path);
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
