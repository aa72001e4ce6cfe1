package org.posthorn.smtp.client;

import org.posthorn.api.smtp.Reply;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// What a server offered in its answer to `EHLO` or `LHLO` (RFC 5321 §4.1.1.1). Immutable.
///
/// @param keywords keyword in upper case → its parameters, empty text for none
public record Capabilities(Map<String, String> keywords) {

    /// What a server offers that knows `HELO` only.
    public static final Capabilities NONE = new Capabilities(Map.of());

    private static final Pattern SIZE = Pattern.compile("\\d{1,18}");
    private static final Pattern LIMIT = Pattern.compile("[1-9]\\d{0,5}");

    /// Copies the map.
    public Capabilities {
        keywords = Map.copyOf(keywords);
    }

    /// Reads the reply; its first line is a greeting and no capability.
    static Capabilities of(Reply reply) {
        Map<String, String> keywords = new LinkedHashMap<>();
        List<String> lines = reply.lines();
        for (String line : lines.subList(1, lines.size())) {
            String[] words = line.strip().split("[ \\t]+", 2);
            keywords.putIfAbsent(
                    words[0].toUpperCase(Locale.ROOT), words.length > 1 ? words[1] : "");
        }
        return new Capabilities(keywords);
    }

    /// Tells whether it offers an extension.
    ///
    /// @param keyword in upper case, such as `STARTTLS`
    public boolean offers(String keyword) {
        return keywords.containsKey(keyword);
    }

    /// Tells whether it knows a mechanism to log in by (RFC 4954 §3).
    ///
    /// @param mechanism in upper case, such as `PLAIN`
    boolean knows(String mechanism) {
        return List.of(keywords.getOrDefault("AUTH", "").toUpperCase(Locale.ROOT).split("[ \\t]+"))
                .contains(mechanism);
    }

    /// Returns a limit that it says it has (RFC 9422 §4).
    ///
    /// @param name in upper case: `RCPTMAX`, `MAILMAX` or `RCPTDOMAINMAX`
    /// @return at least 1; nothing where it says none, or nothing that makes sense
    public OptionalInt limit(String name) {
        return Stream.of(keywords.getOrDefault("LIMITS", "").split("[ \\t]+"))
                .map(pair -> pair.split("=", 2))
                .filter(pair -> pair.length == 2 && pair[0].equalsIgnoreCase(name))
                .map(pair -> pair[1])
                .filter(LIMIT.asMatchPredicate())
                .mapToInt(Integer::parseInt)
                .findFirst();
    }

    /// Returns the shortest time of a `BY` in mode `R` that it takes, in seconds (RFC 2852 §2); 0
    /// where it says none.
    public long shortestBy() {
        String shortest = keywords.getOrDefault("DELIVERBY", "").split(",", 2)[0].strip();
        return SIZE.matcher(shortest).matches() ? Long.parseLong(shortest) : 0;
    }

    /// Returns the largest message that it takes, in octets, if it says so (RFC 1870 §4).
    public OptionalLong sizeLimit() {
        String limit = keywords.getOrDefault("SIZE", "");
        return SIZE.matcher(limit).matches() && Long.parseLong(limit) > 0
                ? OptionalLong.of(Long.parseLong(limit))
                : OptionalLong.empty();
    }
}
