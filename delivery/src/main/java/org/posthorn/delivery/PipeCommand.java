package org.posthorn.delivery;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A program and its arguments, in which `${…}` stands for what a message brings. No shell is
/// between: each word of the configuration is one argument, whatever is put into it. Immutable.
///
/// @param words the program's path, then the arguments
record PipeCommand(List<String> words) {
    private static final Pattern WORD =
            Pattern.compile("\\G\\s*(?:\"([^\"]*)\"|([^\\s\"]+))(?=\\s|$)");
    private static final Pattern NAME = Pattern.compile("\\$\\{([^}]*)}");

    /// What can be put in, by the names of Postfix's pipe(8).
    static final Set<String> NAMES = Set.of("sender", "recipient", "user", "domain", "queue_id");

    PipeCommand {
        words = List.copyOf(words);
    }

    /// Reads what stands behind `pipe:`. Words with spaces stand in double quotes.
    ///
    /// @throws IllegalArgumentException when it is no command, or has names that nobody knows
    static PipeCommand parse(String text) {
        List<String> words = new ArrayList<>();
        Matcher word = WORD.matcher(text);
        int end = 0;
        while (word.find()) {
            words.add(word.group(1) == null ? word.group(2) : word.group(1));
            end = word.end();
        }
        if (!text.substring(end).isBlank() || text.indexOf('\0') >= 0) {
            throw bad(text, "a double quote is not where a word begins or ends");
        }
        if (words.isEmpty() || !Path.of(words.getFirst()).isAbsolute()) {
            throw bad(text, "it begins with the full path of a program");
        }
        for (String part : words) {
            Matcher name = NAME.matcher(part);
            while (name.find()) {
                if (!NAMES.contains(name.group(1))) {
                    throw bad(text, "there is no ${" + name.group(1) + "}, but " + NAMES);
                }
            }
        }
        return new PipeCommand(words);
    }

    private static IllegalArgumentException bad(String text, String why) {
        return new IllegalArgumentException(
                "to: 'pipe:"
                        + text
                        + "' is no command such as pipe:/usr/bin/filter -f ${sender}: "
                        + why);
    }

    String program() {
        return words.getFirst();
    }

    /// Returns the words with what stands for names.
    ///
    /// @param values a value for each name
    /// @throws IllegalArgumentException when a word would become an option that it was not: a
    ///     stranger chose it
    List<String> with(Map<String, String> values) {
        return words.stream().map(word -> with(word, values)).toList();
    }

    private static String with(String word, Map<String, String> values) {
        String filled =
                NAME.matcher(word)
                        .replaceAll(
                                it ->
                                        Matcher.quoteReplacement(
                                                values.getOrDefault(it.group(1), "")));
        if (filled.startsWith("-") && !word.startsWith("-") || filled.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("an address must not begin with -");
        }
        return filled;
    }
}
