package org.posthorn.server.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;

import org.posthorn.api.mail.MailSyntaxException;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Reads blocks of the configuration into records. Stateless, safe for use by many threads.
///
/// Each component is a setting, named as the component with dashes. Nothing is thrown: whatever is
/// wrong is told, all of it, and then there is no record.
public final class Binder {
    private final Path home;
    private final Config scope;

    /// Makes one.
    ///
    /// @param home what relative paths are relative to
    /// @param scope what `${...}` in defaults refers to
    public Binder(Path home, Config scope) {
        this.home = home;
        this.scope = scope;
    }

    /// Reads a block.
    ///
    /// @param problems is told all that is wrong
    /// @return nothing when anything was wrong
    public <R extends Record> Optional<R> bind(
            Block block, Class<R> type, Consumer<Problem> problems) {
        return new Reading(problems).block(block, type, Set.of()).map(type::cast);
    }

    /// Reads what the record of a whole block left to somebody else.
    ///
    /// @param problems is told all that is wrong
    /// @return nothing when anything was wrong
    public <R extends Record> Optional<R> bind(
            Rest rest, Class<R> type, Consumer<Problem> problems) {
        return new Reading(problems).block(rest.block(), type, rest.known()).map(type::cast);
    }

    /// One course through the settings.
    private final class Reading {
        private final Consumer<Problem> problems;

        private Reading(Consumer<Problem> problems) {
            this.problems = problems;
        }

        /// @param foreign settings of this block that are somebody else's
        private Optional<Object> block(Block block, Class<?> type, Set<String> foreign) {
            List<Setting> settings = Setting.of(type);
            boolean sound = refuseUnknown(block, settings, foreign);
            List<Object> values = new ArrayList<>();
            for (Setting setting : settings) {
                Optional<Object> value = setting(block, setting, settings);
                sound &= value.isPresent();
                value.or(() -> standard(block, setting, settings)).ifPresent(values::add);
            }
            if (values.size() < settings.size()) {
                return Optional.empty();
            }
            Optional<Object> made = make(block, type, settings, values);
            return sound ? made : Optional.empty();
        }

        /// Returns what a setting is when nobody mentions it.
        private Optional<Object> standard(Block block, Setting setting, List<Setting> settings) {
            return new Reading(_ -> {}).setting(block.without(setting.key()), setting, settings);
        }

        private boolean refuseUnknown(Block block, List<Setting> settings, Set<String> foreign) {
            if (settings.stream().anyMatch(Setting::isRest)) {
                return true;
            }
            List<String> names = settings.stream().map(Setting::key).toList();
            List<String> unknown =
                    block.object().keySet().stream()
                            .filter(key -> !names.contains(key) && !foreign.contains(key))
                            .sorted()
                            .toList();
            List<String> all = new ArrayList<>(names);
            foreign.stream().sorted().forEach(all::add);
            unknown.forEach(
                    key -> problems.accept(block.problem(key, "no such setting" + hint(key, all))));
            return unknown.isEmpty();
        }

        private static String hint(String key, List<String> names) {
            return Nearest.to(key, names)
                    .map(near -> "; did you mean " + near + "?")
                    .orElse("; there are: " + String.join(", ", names));
        }

        private Optional<Object> setting(Block block, Setting setting, List<Setting> all) {
            if (setting.isRest()) {
                return Optional.of(
                        new Rest(
                                block,
                                all.stream()
                                        .filter(other -> !other.isRest())
                                        .map(Setting::key)
                                        .collect(Collectors.toSet())));
            }
            ConfigValue value = block.get(setting.key());
            if (value != null) {
                return value(value, setting.type(), block.pathOf(setting.key()));
            }
            Optional<ConfigValue> absent;
            try {
                absent = setting.whenAbsent(scope);
            } catch (ConfigException e) {
                String wrong = "has no default, because it is made of a setting that is wrong";
                problems.accept(block.problem(setting.key(), wrong));
                return Optional.empty();
            }
            if (absent.isEmpty() && setting.isOptional()) {
                return Optional.of(Optional.empty());
            }
            if (absent.isEmpty()) {
                String expected = expected(setting.type());
                problems.accept(block.problem(setting.key(), "is missing, expected " + expected));
                return Optional.empty();
            }
            ConfigValue standard = absent.get().withOrigin(block.origin());
            return value(standard, setting.type(), block.pathOf(setting.key()));
        }

        private Optional<Object> value(ConfigValue value, Type type, String path) {
            return switch (type) {
                case ParameterizedType generic when generic.getRawType() == Optional.class ->
                        value(value, argument(generic, 0), path).map(Optional::of);
                case ParameterizedType generic when generic.getRawType() == List.class ->
                        value instanceof ConfigList list
                                ? list(list, argument(generic, 0), path)
                                : refuse(value, type, path);
                case ParameterizedType generic when generic.getRawType() == Map.class ->
                        value instanceof ConfigObject object
                                ? map(object, argument(generic, 1), path)
                                : refuse(value, type, path);
                case Class<?> plain when TextForm.isKnown(plain) -> text(value, plain, path);
                case Class<?> plain when plain.isRecord() ->
                        value instanceof ConfigObject object
                                ? block(new Block(object, path), plain, Set.of())
                                : refuse(value, type, path);
                default -> throw new IllegalArgumentException(path + " is of type " + type);
            };
        }

        private Optional<Object> list(ConfigList list, Type element, String path) {
            List<Object> values = new ArrayList<>();
            for (int i = 0; i < list.size(); i++) {
                value(list.get(i), element, path + "[" + i + "]").ifPresent(values::add);
            }
            return values.size() == list.size()
                    ? Optional.of(List.copyOf(values))
                    : Optional.empty();
        }

        /// In the order in which the entries were written.
        private Optional<Object> map(ConfigObject object, Type type, String path) {
            Map<String, Object> values = new LinkedHashMap<>();
            Block block = new Block(object, path);
            Comparator<Map.Entry<String, ConfigValue>> byLine =
                    Comparator.comparingInt(entry -> entry.getValue().origin().lineNumber());
            object.entrySet().stream()
                    .sorted(byLine.thenComparing(Map.Entry.comparingByKey()))
                    .forEach(
                            entry ->
                                    value(entry.getValue(), type, block.pathOf(entry.getKey()))
                                            .ifPresent(it -> values.put(entry.getKey(), it)));
            return values.size() == object.size() ? Optional.of(values) : Optional.empty();
        }

        private Optional<Object> text(ConfigValue value, Class<?> type, String path) {
            if (value instanceof ConfigObject || value instanceof ConfigList) {
                return refuse(value, type, path);
            }
            try {
                String text = value.atKey("it").getString("it");
                return Optional.of(TextForm.of(type, home).parse().apply(text));
            } catch (MailSyntaxException e) {
                return refuse(value, type, path, ": " + e.getMessage());
            } catch (IllegalArgumentException | ConfigException e) {
                return refuse(value, type, path);
            }
        }

        private Optional<Object> refuse(ConfigValue value, Type type, String path) {
            return refuse(value, type, path, "");
        }

        private Optional<Object> refuse(ConfigValue value, Type type, String path, String why) {
            String text = what(value) + " is not " + expected(type) + why;
            problems.accept(Problem.at(value.origin(), path, text));
            return Optional.empty();
        }

        /// A record refuses one value at a time. So that all that it refuses is told at once, the
        /// default takes the place of what was refused, and the rest is tried again.
        private Optional<Object> make(
                Block block, Class<?> type, List<Setting> settings, List<Object> values) {
            try {
                return Optional.of(canonical(type).newInstance(values.toArray()));
            } catch (InvocationTargetException e) {
                if (e.getCause() instanceof IllegalArgumentException refusal) {
                    Stream.concat(Stream.of(refusal), Arrays.stream(refusal.getSuppressed()))
                            .map(Throwable::getMessage)
                            .map(String::valueOf)
                            .forEach(text -> refused(block, type, settings, values, text));
                    return Optional.empty();
                }
                throw new IllegalStateException(type + " cannot be made", e.getCause());
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(type + " cannot be made", e);
            }
        }

        /// A refusal that begins with the name of a setting is about that one.
        private void refused(
                Block block,
                Class<?> type,
                List<Setting> settings,
                List<Object> values,
                String refusal) {
            Optional<Setting> about =
                    settings.stream()
                            .filter(
                                    setting ->
                                            refusal.matches("(?s)" + setting.key() + "\\b(?!-).*"))
                            .findFirst();
            if (about.isEmpty()) {
                problems.accept(block.problem(refusal));
                return;
            }
            Setting setting = about.get();
            String why = refusal.substring(setting.key().length()).replaceFirst("^[:\\s]+", "");
            problems.accept(block.problem(setting.key(), why));
            if (block.get(setting.key()) != null) {
                Block without = block.without(setting.key());
                standard(block, setting, settings)
                        .ifPresent(
                                standard -> {
                                    values.set(settings.indexOf(setting), standard);
                                    make(without, type, settings, values);
                                });
            }
        }
    }

    private static Constructor<?> canonical(Class<?> type) throws NoSuchMethodException {
        Constructor<?> constructor =
                type.getDeclaredConstructor(
                        Arrays.stream(type.getRecordComponents())
                                .map(RecordComponent::getType)
                                .toArray(Class<?>[]::new));
        constructor.setAccessible(true);
        return constructor;
    }

    private static String what(ConfigValue value) {
        return switch (value.valueType()) {
            case OBJECT -> "a block";
            case LIST -> "a list";
            case NULL -> "null";
            case NUMBER, BOOLEAN, STRING -> "'" + value.atKey("it").getString("it") + "'";
        };
    }

    /// Returns what an operator calls a value of this type.
    static String expected(Type type) {
        return switch (type) {
            case ParameterizedType generic when generic.getRawType() == Optional.class ->
                    expected(argument(generic, 0));
            case ParameterizedType generic when generic.getRawType() == List.class ->
                    "a list [ ... ], each " + expected(argument(generic, 0));
            case ParameterizedType generic when generic.getRawType() == Map.class ->
                    "named blocks, each " + expected(argument(generic, 1));
            case Class<?> plain when TextForm.isKnown(plain) ->
                    TextForm.of(plain, Path.of("")).words();
            case Class<?> plain when plain.isRecord() -> "a block { ... }";
            default -> throw new IllegalArgumentException("no setting is of type " + type);
        };
    }

    static Type argument(ParameterizedType generic, int index) {
        return generic.getActualTypeArguments()[index];
    }
}
