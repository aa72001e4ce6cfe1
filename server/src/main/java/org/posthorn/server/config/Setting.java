package org.posthorn.server.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigOriginFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigValue;

import org.posthorn.api.config.Default;
import org.posthorn.api.config.Help;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// One component of a record that settings are read into.
///
/// @param key the name in the configuration: that of the component, with dashes
/// @param type what it is read as
/// @param help what an operator reads about it, if anything
/// @param standard what is used when the configuration does not mention it, as it would stand there
record Setting(String key, Type type, Optional<String> help, Optional<String> standard) {
    private static final Pattern HUMP = Pattern.compile("(?<=[a-z0-9])[A-Z]");

    /// Returns the settings of a record, in its order.
    static List<Setting> of(Class<?> type) {
        return Arrays.stream(type.getRecordComponents()).map(Setting::of).toList();
    }

    private static Setting of(RecordComponent component) {
        Help help = component.getAnnotation(Help.class);
        Default standard = component.getAnnotation(Default.class);
        return new Setting(
                HUMP.matcher(component.getName())
                        .replaceAll(hump -> "-" + hump.group().toLowerCase(Locale.ROOT)),
                component.getGenericType(),
                Optional.ofNullable(help).map(Help::value),
                Optional.ofNullable(standard).map(Default::value));
    }

    boolean isRest() {
        return type == Rest.class;
    }

    boolean isOptional() {
        return rawType() == Optional.class;
    }

    private Class<?> rawType() {
        return switch (type) {
            case Class<?> plain -> plain;
            case ParameterizedType generic -> (Class<?>) generic.getRawType();
            default -> throw new IllegalArgumentException(key + " cannot be a setting: " + type);
        };
    }

    /// Returns the value for a configuration that does not mention the setting: the default, or an
    /// empty block for a record, whose settings may all have defaults.
    ///
    /// @param scope what `${...}` in a default refers to
    Optional<ConfigValue> whenAbsent(Config scope) {
        return standard.map(text -> parse(text, scope))
                .or(() -> isBlock() ? Optional.of(parse("{}", scope)) : Optional.empty());
    }

    private boolean isBlock() {
        return type instanceof Class<?> plain && plain.isRecord() && !TextForm.isKnown(plain);
    }

    private static ConfigValue parse(String text, Config scope) {
        ConfigParseOptions origin = ConfigParseOptions.defaults().setOriginDescription("default");
        Config parsed = ConfigFactory.parseString("it = " + text, origin);
        return parsed.resolveWith(scope)
                .getValue("it")
                .withOrigin(ConfigOriginFactory.newSimple("default"));
    }
}
