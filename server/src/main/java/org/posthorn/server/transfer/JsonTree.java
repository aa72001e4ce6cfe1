package org.posthorn.server.transfer;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Reads JSON into maps, lists, texts, whole numbers and truth values. `null` is not taken, nor are
/// names that come twice.
final class JsonTree {
    private static final JsonFactory FACTORY =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder().maxNestingDepth(16).build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build();

    private JsonTree() {}

    /// Reads a value and nothing behind it.
    ///
    /// @throws IllegalArgumentException naming line and column
    static Object read(byte[] octets) {
        try (JsonParser json = FACTORY.createParser(ObjectReadContext.empty(), octets)) {
            Object value = value(json, json.nextToken());
            if (json.nextToken() != null) {
                throw unexpected(json, "the end");
            }
            return value;
        } catch (JacksonException e) {
            throw new IllegalArgumentException(place(e) + e.getOriginalMessage(), e);
        }
    }

    /// Where a bound was passed, the library does not say where.
    private static String place(JacksonException e) {
        TokenStreamLocation place = e.getLocation();
        return place == null
                ? ""
                : "line %d, column %d: ".formatted(place.getLineNr(), place.getColumnNr());
    }

    private static Object value(JsonParser json, JsonToken token) {
        return switch (token) {
            case START_OBJECT -> object(json);
            case START_ARRAY -> list(json);
            case VALUE_STRING -> json.getString();
            case VALUE_NUMBER_INT -> json.getLongValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case null, default ->
                    throw unexpected(json, "an object, a list, text or a whole number");
        };
    }

    private static Map<String, Object> object(JsonParser json) {
        Map<String, Object> object = new LinkedHashMap<>();
        for (String name = json.nextName(); name != null; name = json.nextName()) {
            object.put(name, value(json, json.nextToken()));
        }
        return object;
    }

    private static List<Object> list(JsonParser json) {
        List<Object> list = new ArrayList<>();
        for (JsonToken token = json.nextToken();
                token != JsonToken.END_ARRAY;
                token = json.nextToken()) {
            list.add(value(json, token));
        }
        return list;
    }

    private static IllegalArgumentException unexpected(JsonParser json, String expected) {
        return new IllegalArgumentException(
                "line %d, column %d: expected %s"
                        .formatted(
                                json.currentTokenLocation().getLineNr(),
                                json.currentTokenLocation().getColumnNr(),
                                expected));
    }
}
