package org.posthorn.delivery;

import org.posthorn.delivery.Template.Kind;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// What reports say to people, in every language that there is: English, French, German, Spanish,
/// and what an operator wrote, each in a file of its own. Immutable.
public final class Templates {
    private static final List<String> BUILT_IN = List.of("de", "en", "es", "fr");
    private static final Pattern LANGUAGE = Pattern.compile("[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*");
    private static final String ENDING = ".txt";
    private static final int MOST = 64 * 1024;

    private final Map<String, Map<Kind, Template>> languages;
    private final String standard;

    private Templates(Map<String, Map<Kind, Template>> languages, String standard) {
        this.languages = languages;
        this.standard = standard;
    }

    /// What is wrong with a template.
    ///
    /// @param file where it stands
    /// @param line which line, from 1; 0 where it is the whole file
    /// @param text what is wrong, and what was expected
    public record Fault(String file, int line, String text) {}

    /// A template, and the language that it is in.
    ///
    /// @param language its tag (RFC 5646)
    /// @param template what it says
    record Chosen(String language, Template template) {}

    /// Reads all that there are.
    ///
    /// @param directory the operator's own, if there are any: `LANGUAGE.txt`, which take the place
    ///     of ours in the same language
    /// @param standard the language for those who ask for none, or for none that there is
    /// @param faults is told all that is wrong; what is wrong is left out
    public static Templates read(
            Optional<Path> directory, String standard, Consumer<Fault> faults) {
        Map<String, Map<Kind, Template>> languages = new TreeMap<>();
        for (String language : BUILT_IN) {
            languages.put(language, ours(language));
        }
        directory.ifPresent(it -> addAll(it, languages, faults));
        return new Templates(
                Collections.unmodifiableMap(languages), standard.toLowerCase(Locale.ROOT));
    }

    /// Reads all that there are.
    ///
    /// @throws IllegalArgumentException when something is wrong with one, or there is none in the
    ///     standard language
    static Templates of(BouncesConfig config) {
        Templates all =
                read(
                        config.templates(),
                        config.language(),
                        fault -> {
                            throw new IllegalArgumentException(fault.toString());
                        });
        if (!all.knows(config.language())) {
            throw new IllegalArgumentException("bounces.language: no text in " + config.language());
        }
        return all;
    }

    /// Tells whether there is a language.
    public boolean knows(String language) {
        return languages.containsKey(language.toLowerCase(Locale.ROOT));
    }

    private static Map<Kind, Template> ours(String language) {
        String name = "bounces/" + language + ENDING;
        try (InputStream in = Objects.requireNonNull(Templates.class.getResourceAsStream(name))) {
            return TemplateFile.read(
                    name,
                    in.readAllBytes(),
                    fault -> {
                        throw new IllegalStateException(fault.toString());
                    });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void addAll(
            Path directory, Map<String, Map<Kind, Template>> languages, Consumer<Fault> faults) {
        try (Stream<Path> files = Files.list(directory)) {
            files.filter(file -> file.toString().endsWith(ENDING))
                    .sorted()
                    .forEach(file -> add(file, languages, faults));
        } catch (IOException e) {
            faults.accept(new Fault(directory.toString(), 0, "cannot be read: " + e.getMessage()));
        }
    }

    private static void add(
            Path file, Map<String, Map<Kind, Template>> languages, Consumer<Fault> faults) {
        String name = String.valueOf(file.getFileName());
        String language = name.substring(0, name.length() - ENDING.length());
        if (!LANGUAGE.matcher(language).matches()) {
            String text = "'" + language + "' is no language such as de or pt-BR";
            faults.accept(new Fault(file.toString(), 0, text));
            return;
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] octets = in.readNBytes(MOST + 1);
            if (octets.length > MOST) {
                faults.accept(new Fault(file.toString(), 0, "is larger than 64 KiB"));
                return;
            }
            var read = TemplateFile.read(file.toString(), octets, faults);
            languages.put(language.toLowerCase(Locale.ROOT), read);
        } catch (IOException e) {
            faults.accept(new Fault(file.toString(), 0, "cannot be read: " + e.getMessage()));
        }
    }

    /// Returns the languages that there are.
    public Set<String> languages() {
        return languages.keySet();
    }

    /// Chooses a language: the first of those that are wanted and that there is, at least without
    /// its region; otherwise the standard one.
    ///
    /// @param wanted tags of languages (RFC 5646), the best first
    Chosen choose(Kind kind, List<String> wanted) {
        String language =
                wanted.stream()
                        .map(it -> it.toLowerCase(Locale.ROOT))
                        .flatMap(it -> Stream.iterate(it, tag -> !tag.isEmpty(), Templates::wider))
                        .filter(languages::containsKey)
                        .findFirst()
                        .orElse(standard);
        return new Chosen(
                language,
                Objects.requireNonNull(languages.getOrDefault(language, Map.of()).get(kind)));
    }

    private static String wider(String tag) {
        return tag.contains("-") ? tag.substring(0, tag.lastIndexOf('-')) : "";
    }
}
