package org.posthorn.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.posthorn.server.GeneratedPage;
import org.posthorn.server.assembly.PosthornConfig;

import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `docs/configuration.md` is made of the records, so that it is never wrong.
class ConfigurationReferenceTest {
    private static final String HEAD =
            """
            # Configuration

            `etc/posthorn.conf` is written in [HOCON](https://github.com/lightbend/config/blob/main/HOCON.md).
            Another file is given by `--config FILE`. Relative paths start at the distribution's
            directory, which holds `bin/` and `etc/`.

            - `include "other.conf"` takes in another file, relative to the one that it stands in.
            - `${name}` stands for another setting, `${?NAME}` for a variable of the environment, if
              there is one: `hostname = ${?HOSTNAME}`.
            - A duration has a unit: `30s`, `5m`, `4h`, `5d`. A size may have one: `64KiB`, `50MiB`.

            `posthorn config check` says all that is wrong, each with file and line; the server does
            not start with such a configuration. `posthorn config print` shows what a configuration
            comes to, with every default, and where each setting comes from.

            This page is made from the program: it lists every setting there is.
            """;

    private record Section(String path, String help, Class<?> type) {}

    private final StringBuilder page = new StringBuilder(HEAD);
    private final Deque<Section> sections = new ArrayDeque<>();

    @Test
    void pageListsEverySetting() throws IOException {
        sections.add(new Section("", "At the top.", PosthornConfig.class));
        while (!sections.isEmpty()) {
            write(sections.poll());
        }
        GeneratedPage.check("configuration.md", page.toString());
    }

    @Test
    void everySettingIsExplained() {
        sections.add(new Section("", "", PosthornConfig.class));
        while (!sections.isEmpty()) {
            Section section = sections.poll();
            for (Setting setting : Setting.of(section.type())) {
                assertThat(setting.isRest() || setting.help().isPresent())
                        .as("%s.%s has help", section.path(), setting.key())
                        .isTrue();
                block(setting.type(), section.path() + "." + setting.key(), "");
            }
        }
    }

    private void write(Section section) {
        page.append("\n## ").append(section.path().isEmpty() ? "Top" : "`" + section.path() + "`");
        page.append("\n\n").append(section.help()).append("\n\n");
        page.append("| setting | expected | default | meaning |\n|---|---|---|---|\n");
        for (Setting setting : Setting.of(section.type())) {
            if (!setting.isRest()) {
                row(section, setting);
            }
        }
    }

    private void row(Section section, Setting setting) {
        String path =
                section.path().isEmpty() ? setting.key() : section.path() + "." + setting.key();
        String help = setting.help().orElseThrow();
        boolean block = block(setting.type(), path, help);
        page.append(
                "| `%s` | %s | %s | %s |\n"
                        .formatted(
                                setting.key(),
                                Binder.expected(setting.type()),
                                standard(setting, block),
                                help.replace("|", "\\|")));
    }

    private static String standard(Setting setting, boolean block) {
        if (setting.isOptional()) {
            return "none";
        }
        return setting.standard()
                .map(text -> "`" + text + "`")
                .orElse(block && setting.type() instanceof Class<?> ? "" : "must be given");
    }

    /// Remembers a block's settings for a section of their own.
    private boolean block(Type type, String path, String help) {
        switch (type) {
            case ParameterizedType it when it.getRawType() == Optional.class ->
                    block(Binder.argument(it, 0), path, help);
            case ParameterizedType it when it.getRawType() == List.class ->
                    block(Binder.argument(it, 0), path + "[]", help);
            case ParameterizedType it when it.getRawType() == Map.class ->
                    block(Binder.argument(it, 1), path + ".NAME", help);
            case Class<?> it when it.isRecord() && !TextForm.isKnown(it) && it != Rest.class -> {
                sections.add(new Section(path, help, it));
                return true;
            }
            default -> {}
        }
        return false;
    }
}
