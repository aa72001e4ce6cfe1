package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.posthorn.delivery.Template.Kind;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What reports say to people, in which language, and what is wrong with a text that cannot be
/// used.
class TemplatesTest {
    private static final String SOUND =
            """
            # For our friends in the Netherlands.
            [failed]
            Subject: Niet bezorgd

            Hier is {hostname}.

            {recipients}

            [delayed]
            Subject: Vertraagd
            Tot {until}.
            {recipients}
            [delivered]
            Subject: Bezorgd
            {recipients}
            [double-bounce]
            Subject: Dubbel
            {recipients}
            """;

    @TempDir private Path directory;

    private static Template english(Kind kind) {
        return Templates.of(BouncesConfig.STANDARD).choose(kind, List.of()).template();
    }

    private Templates with(String name, String text) throws IOException {
        Files.writeString(directory.resolve(name), text);
        return Templates.read(
                Optional.of(directory),
                "en",
                fault -> {
                    throw new AssertionError(fault);
                });
    }

    private List<String> faults(String name, String text) throws IOException {
        return faults(name, text.getBytes(StandardCharsets.UTF_8));
    }

    private List<String> faults(String name, byte[] octets) throws IOException {
        Files.write(directory.resolve(name), octets);
        List<String> faults = new ArrayList<>();
        Templates.read(
                Optional.of(directory),
                "en",
                fault -> faults.add(file(fault) + ":" + fault.line() + ": " + fault.text()));
        return faults;
    }

    private static String file(Templates.Fault fault) {
        return String.valueOf(Path.of(fault.file()).getFileName());
    }

    private static String language(String header) {
        Original original = Original.header(Mail.content(header + "\r\n\r\n"));
        return Templates.of(BouncesConfig.STANDARD)
                .choose(Kind.FAILED, Languages.of(original))
                .language();
    }

    @Test
    void thereAreFourLanguages() {
        assertThat(Templates.of(BouncesConfig.STANDARD).languages())
                .containsExactly("de", "en", "es", "fr");
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void eachLanguageSaysEverythingInItsOwnWords(Kind kind) {
        Templates all = Templates.of(BouncesConfig.STANDARD);
        assertThat(all.languages().stream().map(it -> all.choose(kind, List.of(it)).template()))
                .doesNotHaveDuplicates()
                .allSatisfy(it -> assertThat(it.lines()).contains(Template.RECIPIENTS))
                .allSatisfy(
                        it ->
                                assertThat(String.join("\n", it.lines()).contains("{until}"))
                                        .isEqualTo(kind == Kind.DELAYED));
    }

    @Test
    void placeholdersStandForWhatIsSo() {
        Template template =
                new Template("At {hostname}", List.of("{sender}, {other}", "{recipients}"));
        Map<String, String> values = Map.of("hostname", "us.example", "sender", "$1 {hostname}");
        assertThat(template.subject(values)).isEqualTo("At us.example");
        assertThat(template.text(values, "<leo>\r\n"))
                .isEqualTo("$1 {hostname}, {other}\r\n<leo>\r\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Accept-Language: de | de",
                "accept-language: DE-at, en | de",
                "Accept-Language: en;q=0.5, fr;q=0.9, it | fr",
                "Accept-Language: nl, es;q=0 | en",
                "Accept-Language: nl, *;q=0.5 | en",
                "Content-Language: es-MX | es",
                "Content-Language: nl, fr | fr",
                "Accept-Language: ;;;=,, | en",
                "Subject: de | en"
            })
    void aSenderIsWrittenToInItsLanguage(String header, String language) {
        assertThat(language(header)).isEqualTo(language);
    }

    @Test
    void whatASenderAcceptsComesBeforeWhatItWritesIn() {
        assertThat(language("Content-Language: es\r\nAccept-Language: nl,\r\n fr")).isEqualTo("fr");
    }

    @Property(tries = 200)
    void noHeaderIsTooStrange(@ForAll String value) {
        String header = "Accept-Language: " + value.replaceAll("[\r\n]", " ");
        assertThat(language(header)).isIn("de", "en", "es", "fr");
    }

    @Test
    void anOperatorAddsALanguageOrTakesThePlaceOfOne() throws Exception {
        Templates all = with("nl.txt", SOUND);
        Template dutch = all.choose(Kind.FAILED, List.of("nl-BE")).template();
        assertThat(dutch.subject()).isEqualTo("Niet bezorgd");
        assertThat(dutch.lines()).containsExactly("Hier is {hostname}.", "", "{recipients}");
        assertThat(with("EN.txt", SOUND).choose(Kind.FAILED, List.of()).template())
                .isEqualTo(dutch)
                .isNotEqualTo(english(Kind.FAILED));
    }

    @Test
    void anOperatorChoosesTheLanguageForThoseWhoTellNone() {
        Templates german = Templates.read(Optional.empty(), "DE", _ -> {});
        assertThat(german.choose(Kind.FAILED, List.of("nl")).language()).isEqualTo("de");
        assertThatThrownBy(
                        () ->
                                Templates.of(
                                        new BouncesConfig(
                                                "nl",
                                                Optional.empty(),
                                                BouncesConfig.STANDARD.maxOriginal(),
                                                Optional.empty())))
                .hasMessage("bounces.language: no text in nl");
    }

    @Test
    void otherFilesAreNoneOfItsBusiness() throws Exception {
        assertThat(faults("README", "anything")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[failed] | [fialed] | 2: 'fialed' is none of failed, delayed, delivered, double-bounce",
                "Hier is {hostname} | Hier is {host} | 5: {host} is no placeholder of [failed]; there are: {recipients}, {arrived}, {hostname}, {sender}",
                "Hier is {hostname} | Hier is {until} | 5: {until} is no placeholder of [failed]; there are: {recipients}, {arrived}, {hostname}, {sender}",
                "Hier is {hostname} | Voor {recipients} | 5: {recipients} must stand alone on its line",
                "Hier is {hostname} | Hier\tis | 5: has a control character; write spaces instead of tabs",
                "Subject: Vertraagd | Vertraagd | 9: [delayed] begins without 'Subject: …'",
                "[delivered] | [failed] | 13: [failed] is there already",
            })
    void saysWhatIsWrongAndWhere(String instead, String of, String fault) throws Exception {
        assertThat(faults("nl.txt", SOUND.replace(instead, of))).contains("nl.txt:" + fault);
    }

    @Test
    void missesNothing() throws Exception {
        assertThat(faults("nl.txt", "[failed]\nSubject: x\nWhat?\n"))
                .containsExactly(
                        "nl.txt:1: [failed] has no line {recipients}",
                        "nl.txt:3: [delayed] is missing",
                        "nl.txt:3: [delivered] is missing",
                        "nl.txt:3: [double-bounce] is missing");
    }

    @Test
    void beginsWithAKind() throws Exception {
        assertThat(faults("nl.txt", "Hello\n" + SOUND))
                .containsExactly(
                        "nl.txt:1: expected a kind of report in brackets, such as [failed]");
    }

    @Test
    void isInUtf8() throws Exception {
        byte[] latin = SOUND.replace("Tot", "Tot \u00e9").getBytes(ISO_8859_1);
        assertThat(faults("nl.txt", latin)).containsExactly("nl.txt:11: is not in UTF-8");
    }

    @Test
    void isOfAReasonableSizeAndName() throws Exception {
        assertThat(faults("nl.txt", "#\n".repeat(40_000)))
                .containsExactly("nl.txt:0: is larger than 64 KiB");
        Files.delete(directory.resolve("nl.txt"));
        assertThat(faults("nl.txt", SOUND.replace("Hier", "Hier ".repeat(100))))
                .containsExactly("nl.txt:5: is longer than 400 characters");
        Files.delete(directory.resolve("nl.txt"));
        assertThat(faults("my text.txt", SOUND))
                .containsExactly("my text.txt:0: 'my text' is no language such as de or pt-BR");
    }
}
