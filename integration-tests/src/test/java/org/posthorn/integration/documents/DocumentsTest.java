package org.posthorn.integration.documents;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What the documents name is there.
class DocumentsTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern CLASS = Pattern.compile("`([A-Z][a-z]\\w*)(?:\\.(\\w+))?`");
    private static final Pattern SHOWN =
            Pattern.compile(
                    "`(?:[\\w/-]*/)?([\\w-]+\\.smtp|[A-Z][a-z]\\w*(?:Test|IT|Fuzz|Properties))(?:\\.(\\w+))?`");
    private static final Pattern ROW = Pattern.compile("(?m)^\\|.*\\|([^|]*)\\|$");
    private static final Pattern STATE = Pattern.compile("(?m)^\\| [DMJS]\\d+ .*\\|([^|]*)\\|$");
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

    @Test
    void theConformanceTableNamesTestsThatExist() throws IOException {
        Map<String, String> tests = tests();
        String text = Files.readString(ROOT.resolve("docs/rfc.md"));
        List<String> missing =
                SHOWN.matcher(text)
                        .results()
                        .filter(shown -> !exists(shown, tests))
                        .map(MatchResult::group)
                        .toList();
        assertThat(missing).as("named, but not there").isEmpty();
        assertThat(
                        ROW.matcher(text)
                                .results()
                                .map(row -> row.group(1))
                                .filter(cell -> !cell.contains("shown by") && !cell.contains("---"))
                                .filter(cell -> !SHOWN.matcher(cell).find())
                                .filter(cell -> !cell.contains("deviates")))
                .as("rows that nothing shows")
                .isEmpty();
    }

    @Test
    void theStatesOfTheQueueNameATestEach() throws IOException {
        Map<String, String> tests = tests();
        String text = Files.readString(ROOT.resolve("docs/queue.md"));
        assertThat(
                        SHOWN.matcher(text)
                                .results()
                                .filter(
                                        shown ->
                                                shown.group(2) == null
                                                        ? !tests.containsKey(shown.group(1))
                                                        : !exists(shown, tests))
                                .map(MatchResult::group))
                .as("named, but not there")
                .isEmpty();
        List<String> rows = STATE.matcher(text).results().map(row -> row.group(1).strip()).toList();
        assertThat(rows).hasSizeGreaterThan(20).doesNotHaveDuplicates();
        assertThat(rows)
                .as("the test of each state")
                .allSatisfy(row -> assertThat(row).matches("`\\w+Test\\.\\w+`"));
    }

    private static boolean exists(MatchResult shown, Map<String, String> tests) {
        String source = tests.get(shown.group(1));
        return source != null
                && (shown.group(2) == null
                        ? shown.group(1).endsWith(".smtp")
                        : source.contains(" " + shown.group(2) + "("));
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

    /// Returns the tests' sources by the names of their classes, and the dialogues by their files.
    private static Map<String, String> tests() throws IOException {
        Map<String, String> tests = new HashMap<>();
        try (Stream<Path> tree = Files.walk(ROOT)) {
            for (Path path : tree.filter(DocumentsTest::isTest).toList()) {
                String name = path.getFileName().toString().replaceAll("\\.java$", "");
                tests.merge(name, Files.readString(path), String::concat);
            }
        }
        return tests;
    }

    private static boolean isTest(Path path) {
        String text = path.toString();
        return text.contains("/src/test/")
                && text.matches(".*(Test|IT|Fuzz|Properties)\\.java|.*\\.smtp");
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
