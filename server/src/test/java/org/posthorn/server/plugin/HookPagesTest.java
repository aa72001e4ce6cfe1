package org.posthorn.server.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.posthorn.api.plugin.Hooks;
import org.posthorn.api.plugin.SessionHooks;
import org.posthorn.api.plugin.Verdict;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// `docs/hooks/` has one page for each hook, and says what the API says.
class HookPagesTest {
    private static final Path PAGES = Path.of("../docs/hooks");

    static Stream<Method> hooks() throws NoSuchMethodException {
        return Stream.concat(
                Arrays.stream(SessionHooks.class.getMethods()),
                Stream.of(Hooks.class.getMethod("credentials")));
    }

    @ParameterizedTest
    @MethodSource("hooks")
    void everyHookHasAPageWithItsSignature(Method hook) throws IOException {
        String parameters =
                Arrays.stream(hook.getParameters())
                        .map(it -> it.getType().getSimpleName() + " " + it.getName())
                        .collect(Collectors.joining(", "));
        assertThat(page(hook.getName()))
                .startsWith("# " + hook.getName() + "\n")
                .contains(
                        "```java\n%s %s(%s)\n```"
                                .formatted(returned(hook), hook.getName(), parameters));
    }

    private static String returned(Method hook) {
        return hook.getGenericReturnType().getTypeName().replaceAll("[a-z.]+\\.", "");
    }

    @Test
    void everyPageIsAboutAHookThatExists() throws Exception {
        List<String> names = hooks().map(Method::getName).toList();
        try (Stream<Path> pages = Files.list(PAGES)) {
            assertThat(pages.map(it -> it.getFileName().toString().replace(".md", "")))
                    .filteredOn(name -> !name.equals("README"))
                    .containsExactlyInAnyOrderElementsOf(names);
        }
    }

    @Test
    void theOverviewNamesEveryHookAndEveryVerdict() throws Exception {
        String overview = page("README");
        assertThat(hooks().map(it -> "[%s](%s.md)".formatted(it.getName(), it.getName())))
                .allSatisfy(link -> assertThat(overview).contains(link));
        assertThat(Arrays.stream(Verdict.class.getPermittedSubclasses()))
                .allSatisfy(
                        verdict ->
                                assertThat(overview)
                                        .containsAnyOf(
                                                "`" + verdict.getSimpleName() + "`",
                                                "`" + constant(verdict) + "`"));
    }

    private static String constant(Class<?> verdict) {
        return verdict.getSimpleName()
                .replaceAll("(?<=[a-z])(?=[A-Z])", "_")
                .toUpperCase(java.util.Locale.ROOT);
    }

    private static String page(String name) throws IOException {
        return Files.readString(PAGES.resolve(name + ".md"));
    }
}
