package org.posthorn.server.config;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;

import org.jspecify.annotations.Nullable;

import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// Writes records as the configuration that would be read into them again, with the origin of each
/// setting behind it. For one thread.
public final class Printing {
    private final StringBuilder text = new StringBuilder();
    private final Function<Rest, Record> others;

    private Printing(Function<Rest, Record> others) {
        this.others = others;
    }

    /// Writes a configuration.
    ///
    /// @param value what was read
    /// @param source what it was read from
    /// @param others finds what the rest of a block was read into
    public static String of(Record value, Block source, Function<Rest, Record> others) {
        Printing printing = new Printing(others);
        printing.settings(value, source.object(), "");
        return printing.text.toString();
    }

    private void settings(Record value, @Nullable ConfigValue source, String indent) {
        List<Setting> settings = Setting.of(value.getClass());
        RecordComponent[] components = value.getClass().getRecordComponents();
        for (int i = 0; i < components.length; i++) {
            String key = settings.get(i).key();
            ConfigValue from = source instanceof ConfigObject block ? block.get(key) : null;
            switch (read(components[i], value)) {
                case Rest rest -> settings(others.apply(rest), source, indent);
                case Optional<?> it when it.isEmpty() -> {}
                case Optional<?> it -> setting(key, it.get(), from, indent);
                case Object it -> setting(key, it, from, indent);
            }
        }
    }

    private void setting(String key, Object value, @Nullable ConfigValue source, String indent) {
        text.append(indent)
                .append(ConfigUtil.quoteString(key).replaceAll("^\"([a-z0-9-]+)\"$", "$1"));
        switch (value) {
            case Map<?, ?> map -> {
                text.append(" {\n");
                map.forEach(
                        (name, it) ->
                                setting(name.toString(), it, in(source, name), indent + "  "));
                text.append(indent).append("}\n");
            }
            case List<?> list when list.stream().anyMatch(it -> isBlock(it)) -> {
                text.append(" = [\n");
                for (int i = 0; i < list.size(); i++) {
                    text.append(indent).append("  {\n");
                    settings((Record) list.get(i), at(source, i), indent + "    ");
                    text.append(indent).append("  }\n");
                }
                text.append(indent).append("]\n");
            }
            case List<?> list ->
                    line(list.stream().map(Printing::written).toList().toString(), source);
            case Record block when isBlock(block) -> {
                text.append(" {\n");
                settings(block, source, indent + "  ");
                text.append(indent).append("}\n");
            }
            default -> line(written(value), source);
        }
    }

    private void line(String value, @Nullable ConfigValue source) {
        String origin =
                source == null
                        ? "default"
                        : Problem.at(source.origin(), "", "").toString().replaceFirst(": $", "");
        text.append(" = ").append(value).append("  # ").append(origin).append('\n');
    }

    private static @Nullable ConfigValue in(@Nullable ConfigValue source, Object name) {
        return source instanceof ConfigObject block ? block.get(name) : null;
    }

    private static @Nullable ConfigValue at(@Nullable ConfigValue source, int index) {
        return source instanceof ConfigList list && index < list.size() ? list.get(index) : null;
    }

    private static boolean isBlock(Object value) {
        return value instanceof Record && !TextForm.isKnown(value.getClass());
    }

    private static String written(Object value) {
        return value instanceof Number || value instanceof Boolean
                ? value.toString()
                : ConfigUtil.quoteString(TextForm.write(value));
    }

    private static Object read(RecordComponent component, Record value) {
        try {
            component.getAccessor().setAccessible(true);
            return component.getAccessor().invoke(value);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot read " + component, e);
        }
    }
}
