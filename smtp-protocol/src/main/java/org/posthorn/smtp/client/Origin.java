package org.posthorn.smtp.client;

import org.posthorn.api.mail.Xtext;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// Where a message came from, for a server that takes our word for it: `XFORWARD`, as Postfix
/// describes it (<https://www.postfix.org/XFORWARD_README.html>). Immutable.
///
/// @param attributes values by their names: `NAME`, `ADDR`, `PORT`, `PROTO`, `HELO`, `IDENT`,
///     `SOURCE`; what is missing, or empty, is not known
public record Origin(Map<String, String> attributes) {
    /// The names of the attributes, in the order in which they are said.
    public static final List<String> NAMES =
            List.of("NAME", "ADDR", "PORT", "PROTO", "HELO", "IDENT", "SOURCE");

    private static final String COMMAND = "XFORWARD";
    private static final String UNKNOWN = "[UNAVAILABLE]";
    private static final int LONGEST_VALUE = 255;

    /// Without its line end (RFC 5321 §4.5.3.1.4).
    private static final int LONGEST_LINE = 510;

    /// Copies the map.
    public Origin {
        attributes = Map.copyOf(attributes);
    }

    /// Returns the commands that tell a server as much as it wants to know; none when that is
    /// nothing.
    ///
    /// @param wanted the names of attributes, as `EHLO` has them
    List<String> commands(String wanted) {
        Set<String> names =
                new HashSet<>(List.of(wanted.toUpperCase(Locale.ROOT).split("[ \\t]+")));
        List<String> commands = new ArrayList<>();
        StringBuilder line = new StringBuilder(COMMAND);
        for (String name : NAMES) {
            if (!names.contains(name)) {
                continue;
            }
            String attribute = " " + name + "=" + value(name);
            if (line.length() + attribute.length() > LONGEST_LINE) {
                commands.add(line.toString());
                line.setLength(COMMAND.length());
            }
            line.append(attribute);
        }
        if (line.length() > COMMAND.length()) {
            commands.add(line.toString());
        }
        return commands;
    }

    private String value(String name) {
        String value = Xtext.encode(attributes.getOrDefault(name, ""));
        return value.isEmpty() || value.length() > LONGEST_VALUE ? UNKNOWN : value;
    }
}
