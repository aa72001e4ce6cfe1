package org.posthorn.server.selection;

import org.posthorn.api.mail.MailSyntaxException;
import org.posthorn.api.mail.MessageId;
import org.posthorn.server.config.Nearest;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// Reads the terms of a selection. For one thread, once.
final class SelectionParser {
    private static final int MOST = 50;
    private static final String SIGNS = "=!<>\"";

    private final String text;
    private int at;

    SelectionParser(String text) {
        this.text = text;
    }

    List<Term> terms() {
        List<Term> terms = new ArrayList<>();
        skipBlanks();
        while (at < text.length()) {
            terms.add(term());
            skipBlanks();
        }
        if (terms.isEmpty()) {
            throw wrong(0, "nothing is selected: expected terms such as domain=example.org, or *");
        }
        if (terms.size() > MOST) {
            throw wrong(0, "a selection has at most " + MOST + " terms, not " + terms.size());
        }
        return terms;
    }

    private void skipBlanks() {
        while (at < text.length() && isBlank(text.charAt(at))) {
            at++;
        }
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t' || c == '\n' || c == '\r';
    }

    private Term term() {
        int start = at;
        while (!isOver() && SIGNS.indexOf(text.charAt(at)) < 0) {
            at++;
        }
        String name = text.substring(start, at);
        if (isOver()) {
            return bare(start, name);
        }
        Subject subject = Subject.of(name).orElseThrow(() -> unknown(start, name));
        int sign = at;
        Comparison comparison =
                Comparison.at(text, at)
                        .orElseThrow(() -> wrong(sign, name + ": expected =, !=, <, <=, > or >="));
        at += comparison.sign().length();
        int place = at;
        return term(subject, name, sign, comparison, place, value(name));
    }

    private boolean isOver() {
        return at == text.length() || isBlank(text.charAt(at));
    }

    private Term bare(int start, String word) {
        if (word.equals("*")) {
            return new Term.All();
        }
        try {
            return new Term.Id(new MessageId(word));
        } catch (MailSyntaxException e) {
            throw wrong(
                    start,
                    "'%s' is neither a message id nor a term: expected %s followed by = and a value"
                            .formatted(word, names()));
        }
    }

    private IllegalArgumentException unknown(int start, String name) {
        String meant =
                Nearest.to(name, Subject.ALL.keySet())
                        .map(it -> "did you mean " + it + "?")
                        .orElse("expected " + names());
        return wrong(start, "nothing is called '%s': %s".formatted(name, meant));
    }

    private static String names() {
        return String.join(", ", Subject.ALL.keySet()) + " or " + Subject.FACT + "NAME";
    }

    private String value(String name) {
        if (isOver()) {
            throw wrong(at, name + ": expected a value; \"\" stands for an empty one");
        }
        if (text.charAt(at) == '"') {
            return quoted(name);
        }
        int start = at;
        while (!isOver()) {
            if (text.charAt(at) == '"') {
                throw wrong(at, name + ": expected the quotes around the whole value");
            }
            at++;
        }
        return text.substring(start, at);
    }

    private String quoted(String name) {
        int start = at++;
        StringBuilder value = new StringBuilder();
        while (at < text.length() && text.charAt(at) != '"') {
            if (text.startsWith("\\\"", at) || text.startsWith("\\\\", at)) {
                at++;
            }
            value.append(text.charAt(at++));
        }
        if (at == text.length()) {
            throw wrong(start, name + ": expected a second quote behind the value");
        }
        at++;
        if (!isOver()) {
            throw wrong(at, name + ": expected a blank behind the quoted value");
        }
        return value.toString();
    }

    private static Term term(
            Subject subject,
            String name,
            int sign,
            Comparison comparison,
            int place,
            String value) {
        return switch (subject) {
            case Subject.Texts(var texts) -> {
                allowed(name, sign, comparison, Comparison.OF_TEXTS);
                yield new Term.Like(texts, new Glob(path(name, value)), is(comparison));
            }
            case Subject.Word(var word, List<String> words) -> {
                allowed(name, sign, comparison, Comparison.OF_TEXTS);
                if (!words.contains(value)) {
                    throw wrong(place, expected(name, value, String.join(", ", words)));
                }
                yield new Term.Like(it -> List.of(word.apply(it)), new Glob(value), is(comparison));
            }
            case Subject.Amount(var number, Quantity quantity) -> {
                allowed(name, sign, comparison, quantity.comparisons());
                long bound =
                        quantity.parse(value)
                                .orElseThrow(
                                        () ->
                                                wrong(
                                                        place,
                                                        expected(name, value, quantity.words())));
                yield new Term.Compared(number, comparison, bound);
            }
        };
    }

    private static boolean is(Comparison comparison) {
        return comparison == Comparison.IS;
    }

    private static String expected(String name, String value, String words) {
        return "%s: '%s' is not what was expected: %s".formatted(name, value, words);
    }

    /// An address may stand in angle brackets, as in the log; `<>` is the null sender.
    private static String path(String name, String value) {
        boolean bracketed = value.startsWith("<") && value.endsWith(">");
        return bracketed && (name.equals("sender") || name.equals("recipient"))
                ? value.substring(1, value.length() - 1)
                : value;
    }

    private static void allowed(
            String name, int place, Comparison comparison, Set<Comparison> allowed) {
        if (!allowed.contains(comparison)) {
            String signs =
                    Arrays.stream(Comparison.values())
                            .filter(allowed::contains)
                            .map(Comparison::sign)
                            .collect(Collectors.joining(" "));
            throw wrong(place, "%s: expected one of %s behind it".formatted(name, signs));
        }
    }

    private static IllegalArgumentException wrong(int place, String what) {
        return new IllegalArgumentException("at character %d: %s".formatted(place + 1, what));
    }
}
