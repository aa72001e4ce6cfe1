package org.posthorn.integration.documents;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What the documents name is there.
class DocumentsTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern CLASS = Pattern.compile("`([A-Z][a-z]\\w*)(?:\\.(\\w+))?`");
    private static final Pattern LINK = Pattern.compile("]\\((?!https?:)([^)#]+)\\)");

    /// What looks like a class and is none of ours.
    private static final Set<String> WORDS = Set.of("Received", "Return-Path", "Addressing");

    @Test
    void theWayOfAMessageNamesClassesThatExist() throws IOException {
        Set<String> named = new TreeSet<>();
        String text = Files.readString(ROOT.resolve("docs/message-path.md"));
        CLASS.matcher(text).results().map(match -> match.group(1)).forEach(named::add);
        assertThat(named).hasSizeGreaterThan(50);
        named.removeAll(WORDS);
        named.removeAll(sources());
        assertThat(named).as("named, but not there").isEmpty();
    }

    @ParameterizedTest
    @MethodSource("pages")
    void linksLeadSomewhere(Path page) throws IOException {
        List<Path> targets =
                LINK.matcher(Files.readString(page))
                        .results()
                        .map(link -> page.resolveSibling(link.group(1)))
                        .toList();
        assertThat(targets).allSatisfy(target -> assertThat(target).exists());
    }

    static List<Path> pages() throws IOException {
        try (Stream<Path> tree = Files.walk(ROOT, 3)) {
            return tree.filter(path -> path.toString().endsWith(".md"))
                    .filter(path -> !path.toString().contains("/target/"))
                    .sorted()
                    .toList();
        }
    }

    private static Set<String> sources() throws IOException {
        try (Stream<Path> tree = Files.walk(ROOT)) {
            return tree.map(Path::toString)
                    .filter(path -> path.contains("/src/main/java/") && path.endsWith(".java"))
                    .map(path -> path.replaceAll(".*/|\\.java$", ""))
                    .collect(Collectors.toSet());
        }
    }
}
