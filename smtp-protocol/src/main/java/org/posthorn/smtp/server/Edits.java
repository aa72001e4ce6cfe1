package org.posthorn.smtp.server;

import org.posthorn.api.mail.HeaderField;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What plugins change about a message besides its envelope. Immutable.
///
/// @param added fields to stand above the header section, topmost first
/// @param removed names of fields to take away
/// @param metadata facts to travel with the message
/// @param score the sum of all scores
/// @param trail one line per edit, beginning with the name of the plugin that made it
record Edits(
        List<HeaderField> added,
        List<String> removed,
        Map<String, String> metadata,
        double score,
        List<String> trail) {

    /// None at all.
    static final Edits NONE = new Edits(List.of(), List.of(), Map.of(), 0, List.of());

    Edits adding(HeaderField field) {
        return new Edits(plus(added, field), removed, metadata, score, trail);
    }

    Edits removing(String name) {
        return new Edits(added, plus(removed, name), metadata, score, trail);
    }

    Edits scoring(double points) {
        return new Edits(added, removed, metadata, score + points, trail);
    }

    /// Sets a fact, or removes it when the value is empty.
    Edits fact(String key, String value) {
        Map<String, String> facts = new HashMap<>(metadata);
        if (value.isEmpty()) {
            facts.remove(key);
        } else {
            facts.put(key, value);
        }
        return new Edits(added, removed, Map.copyOf(facts), score, trail);
    }

    Edits noted(String plugin, String what) {
        return new Edits(added, removed, metadata, score, plus(trail, plugin + ": " + what));
    }

    private static <T> List<T> plus(List<T> list, T element) {
        List<T> more = new ArrayList<>(list);
        more.add(element);
        return List.copyOf(more);
    }
}
