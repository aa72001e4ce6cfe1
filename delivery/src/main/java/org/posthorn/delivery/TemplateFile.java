package org.posthorn.delivery;

import org.posthorn.delivery.Template.Kind;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// Reads the templates of one language. For one thread.
///
/// Each begins with its kind in brackets and the subject, then comes the text. Lines with `#` at
/// the beginning are for whoever reads the file.
final class TemplateFile {
    private static final String SUBJECT = "Subject:";
    private static final int MOST_IN_LINE = 400;

    private final String file;
    private final Consumer<Templates.Fault> faults;
    private final Map<Kind, Template> templates = new EnumMap<>(Kind.class);
    private final Set<Kind> begun = EnumSet.noneOf(Kind.class);
    private Optional<Kind> kind = Optional.empty();
    private Optional<String> subject = Optional.empty();
    private final List<String> lines = new ArrayList<>();
    private int began;
    private int line;

    private TemplateFile(String file, Consumer<Templates.Fault> faults) {
        this.file = file;
        this.faults = faults;
    }

    /// Reads a file.
    ///
    /// @param file its name
    /// @param octets what is in it
    /// @param faults is told all that is wrong
    static Map<Kind, Template> read(String file, byte[] octets, Consumer<Templates.Fault> faults) {
        TemplateFile reading = new TemplateFile(file, faults);
        for (byte[] line : split(octets)) {
            reading.line++;
            reading.line(line);
        }
        reading.end();
        Arrays.stream(Kind.values())
                .filter(kind -> !reading.begun.contains(kind))
                .forEach(kind -> reading.fault(reading.line, "[" + kind + "] is missing"));
        return reading.templates;
    }

    private static List<byte[]> split(byte[] octets) {
        List<byte[]> lines = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < octets.length; i++) {
            if (octets[i] == '\n') {
                lines.add(Arrays.copyOfRange(octets, start, i));
                start = i + 1;
            }
        }
        if (start < octets.length) {
            lines.add(Arrays.copyOfRange(octets, start, octets.length));
        }
        return lines;
    }

    private void fault(int where, String text) {
        faults.accept(new Templates.Fault(file, where, text));
    }

    private void line(byte[] octets) {
        String text;
        try {
            text =
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(octets))
                            .toString()
                            .stripTrailing();
        } catch (CharacterCodingException e) {
            fault(line, "is not in UTF-8");
            return;
        }
        if (text.startsWith("#")) {
            return;
        }
        if (text.chars().anyMatch(Character::isISOControl)) {
            fault(line, "has a control character; write spaces instead of tabs");
        } else if (text.length() > MOST_IN_LINE) {
            fault(line, "is longer than " + MOST_IN_LINE + " characters");
        } else if (text.startsWith("[") && text.endsWith("]")) {
            end();
            begin(text.substring(1, text.length() - 1));
        } else {
            take(text);
        }
    }

    private void begin(String name) {
        began = line;
        subject = Optional.empty();
        lines.clear();
        kind = Arrays.stream(Kind.values()).filter(it -> it.toString().equals(name)).findFirst();
        String kinds =
                Arrays.stream(Kind.values()).map(Kind::toString).collect(Collectors.joining(", "));
        if (kind.isEmpty()) {
            fault(line, "'" + name + "' is none of " + kinds);
        } else if (!begun.add(kind.get())) {
            fault(line, "[" + name + "] is there already");
        }
    }

    private void take(String text) {
        if (kind.isEmpty()) {
            if (!text.isEmpty() && began == 0) {
                fault(line, "expected a kind of report in brackets, such as [failed]");
            }
            return;
        }
        check(kind.get(), text);
        if (subject.isEmpty() && text.startsWith(SUBJECT)) {
            subject = Optional.of(text.substring(SUBJECT.length()).strip());
        } else if (subject.isPresent() || !text.isEmpty()) {
            lines.add(text);
        }
    }

    private void check(Kind its, String text) {
        if (text.contains(Template.RECIPIENTS) && !text.equals(Template.RECIPIENTS)) {
            fault(line, Template.RECIPIENTS + " must stand alone on its line");
        }
        Template.placeholders(text.replace(Template.RECIPIENTS, "")).stream()
                .filter(name -> !its.placeholders().contains(name))
                .forEach(
                        name ->
                                fault(
                                        line,
                                        "{%s} is no placeholder of [%s]; there are: {recipients}, %s"
                                                .formatted(name, its, names(its))));
    }

    private static String names(Kind its) {
        return its.placeholders().stream()
                .map(name -> "{" + name + "}")
                .collect(Collectors.joining(", "));
    }

    private void end() {
        if (kind.isEmpty()) {
            return;
        }
        while (!lines.isEmpty() && lines.getFirst().isEmpty()) {
            lines.removeFirst();
        }
        while (!lines.isEmpty() && lines.getLast().isEmpty()) {
            lines.removeLast();
        }
        if (subject.filter(it -> !it.isEmpty()).isEmpty()) {
            fault(began, "[" + kind.get() + "] begins without 'Subject: …'");
        } else if (!lines.contains(Template.RECIPIENTS)) {
            fault(began, "[" + kind.get() + "] has no line " + Template.RECIPIENTS);
        } else {
            templates.putIfAbsent(kind.get(), new Template(subject.get(), lines));
        }
    }
}
