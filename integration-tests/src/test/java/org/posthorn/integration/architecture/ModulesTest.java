package org.posthorn.integration.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import static java.util.stream.Collectors.toUnmodifiableSet;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import java.io.File;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Requires;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Which of our modules may see which.
class ModulesTest {
    private static final String OURS = "org.posthorn.";
    private static final String API = "org.posthorn.api";
    private static final String SMTP = "org.posthorn.smtp";
    private static final String QUEUE = "org.posthorn.queue";
    private static final String DELIVERY = "org.posthorn.delivery";

    private static final Map<String, Set<String>> MAY_REQUIRE =
            Map.of(
                    API,
                    Set.of(),
                    SMTP,
                    Set.of(API),
                    QUEUE,
                    Set.of(API),
                    DELIVERY,
                    Set.of(API, SMTP, QUEUE),
                    "org.posthorn.testkit",
                    Set.of(API, SMTP),
                    "org.posthorn.plugin.relaydomains",
                    Set.of(API),
                    "org.posthorn.plugin.relayclients",
                    Set.of(API),
                    "org.posthorn.plugin.authfile",
                    Set.of(API),
                    "org.posthorn.plugin.authdovecot",
                    Set.of(API),
                    "org.posthorn.server",
                    Set.of(API, SMTP, QUEUE, DELIVERY));

    private final Map<String, ModuleDescriptor> modules =
            ModuleFinder.of(
                            Stream.of(
                                            System.getProperty("java.class.path")
                                                    .split(File.pathSeparator))
                                    .filter(entry -> entry.contains("posthorn") || isClasses(entry))
                                    .map(Path::of)
                                    .toArray(Path[]::new))
                    .findAll()
                    .stream()
                    .map(ModuleReference::descriptor)
                    .filter(module -> module.name().startsWith(OURS))
                    .collect(
                            Collectors.toUnmodifiableMap(ModuleDescriptor::name, module -> module));

    private static boolean isClasses(String entry) {
        return entry.endsWith(Path.of("target", "classes").toString());
    }

    @Test
    void areTheOnesOfTheArchitecture() {
        assertThat(modules.keySet()).containsExactlyInAnyOrderElementsOf(MAY_REQUIRE.keySet());
    }

    @TestFactory
    Stream<DynamicTest> requireOnlyWhatTheArchitectureSays() {
        return MAY_REQUIRE.entrySet().stream()
                .map(
                        rule ->
                                DynamicTest.dynamicTest(
                                        rule.getKey(),
                                        () ->
                                                assertThat(rule.getValue())
                                                        .containsAll(
                                                                oursRequiredBy(rule.getKey()))));
    }

    @TestFactory
    Stream<DynamicTest> areNotOpenAndNotAutomatic() {
        return modules.values().stream()
                .map(
                        module ->
                                DynamicTest.dynamicTest(
                                        module.name(),
                                        () ->
                                                assertThat(module.modifiers())
                                                        .doesNotContain(
                                                                ModuleDescriptor.Modifier.OPEN,
                                                                ModuleDescriptor.Modifier
                                                                        .AUTOMATIC)));
    }

    @Test
    void theApiNeedsNothingThatAPluginCouldBringItself() {
        assertThat(modules.get(API).requires().stream().map(Requires::name))
                .containsOnly("java.base", "org.slf4j", "org.jspecify");
    }

    private Set<String> oursRequiredBy(String module) {
        return modules.get(module).requires().stream()
                .map(Requires::name)
                .filter(name -> name.startsWith(OURS))
                .collect(toUnmodifiableSet());
    }
}
