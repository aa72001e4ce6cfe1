package org.posthorn.plugin.authdovecot;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// A line by which Dovecot answers a request. Immutable.
///
/// @param kind `OK`, `CONT` or `FAIL`
/// @param id of which request
/// @param parameters what follows, unescaped
record AuthReply(String kind, int id, List<String> parameters) {

    AuthReply {
        parameters = List.copyOf(parameters);
    }

    /// Reads a line; nothing when it is no answer to a request.
    static Optional<AuthReply> parse(String line) {
        List<String> words = Arrays.asList(line.split("\t", -1));
        boolean answer = List.of("OK", "CONT", "FAIL").contains(words.getFirst());
        if (!answer || words.size() < 2 || !words.get(1).matches("[0-9]{1,9}")) {
            return Optional.empty();
        }
        return Optional.of(
                new AuthReply(
                        words.getFirst(),
                        Integer.parseInt(words.get(1)),
                        words.subList(2, words.size()).stream().map(Escaping::unescape).toList()));
    }

    Optional<String> value(String key) {
        return parameters.stream()
                .filter(it -> it.startsWith(key + "="))
                .map(it -> it.substring(key.length() + 1))
                .findFirst();
    }

    /// Tells whether Dovecot could not say, as against would not believe.
    boolean isTemporary() {
        return parameters.contains("temp") || value("code").stream().anyMatch("temp_fail"::equals);
    }
}
