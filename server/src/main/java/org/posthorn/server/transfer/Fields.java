package org.posthorn.server.transfer;

import static org.posthorn.server.log.UnsafeText.escaped;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// The fields of a JSON object, which are taken out one by one. What is wrong with one is an
/// [IllegalArgumentException] that names it, what was expected, and what is there. For one thread.
final class Fields {
    private static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999Z");
    private static final int LONGEST_QUOTE = 60;

    private final String place;
    private final Map<String, Object> left;

    /// @param place the way to the object, such as `jobs[2].`
    private Fields(String place, Map<?, ?> values) {
        this.place = place;
        this.left = new LinkedHashMap<>();
        values.forEach((name, value) -> left.put(String.valueOf(name), value));
    }

    /// Takes what was read for an object.
    static Fields of(Object value) {
        return of("", value);
    }

    private static Fields of(String place, Object value) {
        if (value instanceof Map<?, ?> values) {
            return new Fields(place, values);
        }
        String name = place.isEmpty() ? "the file" : place.substring(0, place.length() - 1);
        throw new IllegalArgumentException(
                name + ": expected an object in braces, not " + quoted(value));
    }

    /// Refuses what nobody took.
    void end() {
        if (!left.isEmpty()) {
            throw new IllegalArgumentException(
                    left.keySet().stream()
                            .map(name -> place + escaped(name))
                            .collect(Collectors.joining(", ", "", ": no such field")));
        }
    }

    boolean has(String name) {
        return left.containsKey(name);
    }

    private Object take(String name, String expected) {
        Object value = left.remove(name);
        if (value == null) {
            throw wrong(name, "is missing: expected " + expected);
        }
        return value;
    }

    IllegalArgumentException wrong(String name, String problem) {
        return new IllegalArgumentException(place + name + ": " + problem);
    }

    private IllegalArgumentException unexpected(String name, String expected, Object value) {
        return wrong(name, "expected " + expected + ", not " + quoted(value));
    }

    private static String quoted(Object value) {
        String text = escaped(String.valueOf(value));
        return value instanceof List<?>
                ? "a list"
                : value instanceof Map<?, ?>
                        ? "an object"
                        : "'"
                                + (text.length() > LONGEST_QUOTE
                                        ? text.substring(0, LONGEST_QUOTE) + "…"
                                        : text)
                                + "'";
    }

    String text(String name) {
        return text(name, take(name, "text"));
    }

    private String text(String name, Object value) {
        if (value instanceof String text && StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            return text;
        }
        throw unexpected(name, "text", value);
    }

    Optional<String> maybeText(String name) {
        return has(name) ? Optional.of(text(name)) : Optional.empty();
    }

    long number(String name, long least, long most) {
        String expected = "a number from " + least + " to " + most;
        Object value = take(name, expected);
        if (value instanceof Long number && number >= least && number <= most) {
            return number;
        }
        throw unexpected(name, expected, value);
    }

    Instant time(String name) {
        String expected = "a time such as 2026-01-01T12:00:00Z";
        Object value = take(name, expected);
        try {
            Instant time = Instant.parse(String.valueOf(value)).truncatedTo(ChronoUnit.MILLIS);
            if (!time.isBefore(Instant.EPOCH) && !time.isAfter(LAST)) {
                return time;
            }
        } catch (DateTimeException _) {
            // Said below, as for one that is out of range.
        }
        throw unexpected(name, expected, value);
    }

    List<String> texts(String name) {
        List<String> texts = new ArrayList<>();
        for (Object value : list(name)) {
            texts.add(text(name + "[" + texts.size() + "]", value));
        }
        return texts;
    }

    List<Fields> objects(String name) {
        List<Fields> objects = new ArrayList<>();
        for (Object value : list(name)) {
            objects.add(of(place + name + "[" + objects.size() + "].", value));
        }
        return objects;
    }

    Fields object(String name) {
        return of(place + name + ".", take(name, "an object"));
    }

    private List<?> list(String name) {
        Object value = take(name, "a list");
        if (value instanceof List<?> list) {
            return list;
        }
        throw unexpected(name, "a list in brackets", value);
    }

    /// Takes an object whose fields have names of choice; nothing is as an empty one.
    Map<String, String> map(String name) {
        Map<String, String> map = new LinkedHashMap<>();
        if (has(name)) {
            Fields fields = object(name);
            for (String key : List.copyOf(fields.left.keySet())) {
                map.put(fields.text("the name of a field", (Object) key), fields.text(key));
            }
        }
        return map;
    }
}
