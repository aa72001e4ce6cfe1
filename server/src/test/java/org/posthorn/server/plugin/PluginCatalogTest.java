package org.posthorn.server.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.server.config.Binder;
import org.posthorn.server.config.Block;
import org.posthorn.server.config.ConfigurationException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

class PluginCatalogTest {
    private static final String NOTHING = "return hooks();";

    @TempDir private Path home;
    private Path plugins;
    private final List<String> problems = new ArrayList<>();

    @BeforeEach
    void makeDirectory() throws IOException {
        plugins = Files.createDirectory(home.resolve("plugins"));
    }

    @Test
    void findsAPluginInAJarWithoutModuleDescriptor() throws Exception {
        PluginJar.plain(directory("plain").resolve("plain.jar"), "plain-one", NOTHING);
        assertThat(configured("{ use = plain-one }").getFirst().start(null)).isNotNull();
    }

    @Test
    void findsAPluginThatIsAModuleAndExportsNothing() throws Exception {
        PluginJar.modular(directory("modular").resolve("modular.jar"), "modular", NOTHING, "");
        assertThat(
                        configured("{ use = modular, number = 3, inner { text = x } }")
                                .getFirst()
                                .start(null))
                .isNotNull();
    }

    @Test
    void findsNoPluginsWhereThereIsNoDirectory() {
        PluginCatalog catalog = new PluginCatalog(home.resolve("nowhere"));
        assertThat(catalog.broken()).isEmpty();
        assertThat(catalog.whyNot("x")).isEqualTo("there is no plugin 'x'");
    }

    @Test
    void givesAPluginItsOwnLibraryBesideTheServersOfTheSameName() throws Exception {
        Path directory = directory("clash");
        Path library = directory.resolve("config-0.9.jar");
        PluginJar.make(
                library,
                Map.of(
                        "META-INF/MANIFEST.MF",
                        "Automatic-Module-Name: typesafe.config\n",
                        "com/typesafe/config/Version.java",
                        """
                        package com.typesafe.config;
                        public class Version { public static String text() { return "private"; } }
                        """));
        PluginJar.plain(
                directory.resolve("clash.jar"),
                "clash",
                "throw new Exception(com.typesafe.config.Version.text());",
                library);
        assertThatThrownBy(() -> configured("{ use = clash }").getFirst().start(null))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("test.conf:1: plugins[0].use: clash cannot start: private");
    }

    @Test
    void keepsAPluginOutOfTheServersLibraries() throws Exception {
        PluginJar.plain(
                directory("greedy").resolve("greedy.jar"),
                "greedy",
                "com.typesafe.config.ConfigFactory.empty(); return hooks();",
                PluginJar.location("typesafe.config"));
        assertThatThrownBy(() -> configured("{ use = greedy }").getFirst().start(null))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("greedy cannot start: ")
                .hasMessageContaining("does not read module typesafe.config");
    }

    @Test
    void usesTheServersApiWhereACopyLiesBesideThePlugin() throws Exception {
        Path directory = directory("fat");
        PluginJar.make(
                directory.resolve("api.jar"),
                Map.of(
                        "module-info.java",
                        "module org.posthorn.api { exports org.posthorn.api.plugin; }",
                        "org/posthorn/api/plugin/Plugin.java",
                        "package org.posthorn.api.plugin; public interface Plugin<S> {}"));
        PluginJar.plain(directory.resolve("fat.jar"), "fat", NOTHING);
        assertThat(configured("{ use = fat }")).hasSize(1);
    }

    @Test
    void namesAJarThatCannotBeRead() throws Exception {
        Files.writeString(directory("broken").resolve("broken-1.0.jar"), "no jar at all");
        configure("{ use = broken }");
        assertThat(problems).hasSize(1);
        assertThat(problems.getFirst())
                .startsWith(
                        "test.conf:1: plugins[0].use: there is no plugin 'broken'; not loaded: ")
                .contains("plugins/broken: broken-1.0.jar cannot be read as a jar: ");
    }

    @Test
    void isNotHarmedByABrokenDirectoryThatNobodyUses() throws Exception {
        Files.writeString(directory("broken").resolve("broken.jar"), "no jar at all");
        PluginJar.plain(directory("fine").resolve("fine.jar"), "fine", NOTHING);
        assertThat(configured("{ use = fine }")).hasSize(1);
        assertThat(new PluginCatalog(plugins).broken()).hasSize(1);
    }

    @Test
    void saysThatADirectoryHasNoPlugin() throws Exception {
        directory("empty");
        assertThat(new PluginCatalog(plugins).broken())
                .containsExactly(
                        plugins.resolve("empty")
                                + ": no jar provides org.posthorn.api.plugin.Plugin, by module-info or META-INF");
    }

    @Test
    void namesTwoJarsThatAreTheSameModule() throws Exception {
        Path directory = directory("twice");
        PluginJar.modular(directory.resolve("a-1.jar"), "twice", NOTHING, "");
        Files.copy(directory.resolve("a-1.jar"), directory.resolve("a-2.jar"));
        assertThat(new PluginCatalog(plugins).broken().getFirst())
                .endsWith("twice: a-1.jar and a-2.jar are both the module twice: remove one");
    }

    @Test
    void namesTwoDirectoriesThatProvideTheSamePlugin() throws Exception {
        PluginJar.plain(directory("a").resolve("a.jar"), "same", NOTHING);
        PluginJar.plain(directory("b").resolve("b.jar"), "same", NOTHING);
        PluginCatalog catalog = new PluginCatalog(plugins);
        assertThat(catalog.broken())
                .containsExactly(
                        plugins.resolve("b")
                                + ": provides same, as "
                                + plugins.resolve("a")
                                + " does");
        assertThat(catalog.directory("same")).isEqualTo(plugins.resolve("a"));
    }

    @Test
    void refusesAModuleThatRequiresTheServersOwn() throws Exception {
        Path directory = directory("greedy");
        PluginJar.make(
                directory.resolve("greedy.jar"),
                Map.of(
                        "module-info.java",
                        "module greedy { requires org.posthorn.api; requires org.posthorn.queue; }"),
                PluginJar.location("org.posthorn.queue"));
        assertThat(new PluginCatalog(plugins).broken().getFirst())
                .endsWith(
                        "module greedy requires org.posthorn.queue, "
                                + "which plugins are not given: put its jar here");
    }

    @Test
    void namesAModuleThatIsMissing() throws Exception {
        Path directory = directory("lacking");
        Path library = home.resolve("library.jar");
        PluginJar.make(library, Map.of("module-info.java", "module library { }"));
        PluginJar.make(
                directory.resolve("lacking.jar"),
                Map.of("module-info.java", "module lacking { requires library; }"),
                library);
        assertThat(new PluginCatalog(plugins).broken().getFirst())
                .contains("its modules do not fit together: Module library not found");
    }

    @Test
    void suggestsTheNearestPluginThatExists() throws Exception {
        PluginJar.plain(directory("a").resolve("a.jar"), "greylist", NOTHING);
        configure("{ use = graylist }, { use = dkim }");
        assertThat(problems)
                .containsExactly(
                        "test.conf:1: plugins[0].use: there is no plugin 'graylist'; did you mean greylist?",
                        "test.conf:1: plugins[1].use: there is no plugin 'dkim'; there are: greylist");
    }

    @Test
    void readsSettingsWithDefaultsAndRefusesWhatTheRecordRefuses() throws Exception {
        PluginJar.plain(directory("a").resolve("a.jar"), "a", NOTHING);
        configure(
                """
                { use = a, number = 10 },
                { use = a, nomber = 1, inner { text = [] } }
                """);
        assertThat(problems)
                .containsExactlyInAnyOrder(
                        "test.conf:1: plugins[0].number: must be at most 9",
                        "test.conf:2: plugins[1].nomber: no such setting; did you mean number?",
                        "test.conf:2: plugins[1].inner.text: a list is not a text");
    }

    @Test
    void namesInstancesOfTheSamePluginApart() throws Exception {
        PluginJar.plain(directory("a").resolve("a.jar"), "a", NOTHING);
        assertThat(configured("{ use = a }, { use = a }"))
                .extracting(PluginBlock::instance)
                .containsExactly("a", "a#2");
    }

    @Test
    void putsAFailureToStartBesideTheBlock() throws Exception {
        PluginJar.plain(
                directory("a").resolve("a.jar"),
                "a",
                "throw new java.io.IOException(\"no disk\");");
        PluginBlock<?> block = configured("\n\n{ use = a }").getFirst();
        assertThatThrownBy(() -> block.start(null))
                .hasMessage("test.conf:3: plugins[0].use: a cannot start: no disk");
    }

    private Path directory(String name) throws IOException {
        return Files.createDirectory(plugins.resolve(name));
    }

    private List<PluginBlock<?>> configured(String blocks) {
        List<PluginBlock<?>> configured = configure(blocks);
        assertThat(problems).isEmpty();
        return configured;
    }

    private List<PluginBlock<?>> configure(String blocks) {
        ConfigParseOptions origin = ConfigParseOptions.defaults().setOriginDescription("test.conf");
        var object = ConfigFactory.parseString("plugins = [" + blocks + "]", origin).root();
        return PluginBlock.all(
                new Block(object, "").blocks("plugins"),
                new PluginCatalog(plugins),
                new Binder(home, ConfigFactory.empty()),
                problem -> problems.add(problem.toString()));
    }
}
