package example.words;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.api.dns.Resolver;
import org.posthorn.api.intake.Intake;
import org.posthorn.api.mail.Content;
import org.posthorn.api.mail.HeaderField;
import org.posthorn.api.mail.Headers;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.api.plugin.Hooks;
import org.posthorn.api.plugin.Message;
import org.posthorn.api.plugin.PluginContext;
import org.posthorn.api.plugin.Verdict;
import org.slf4j.Logger;
import org.slf4j.helpers.NOPLogger;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

class SubjectWordsPluginTest {
    @TempDir private Path directory;
    private Hooks hooks;

    @BeforeEach
    void start() throws IOException {
        Path file = Files.writeString(directory.resolve("words"), "Lottery\n\n casino \n");
        hooks = plugin(file);
    }

    private Hooks plugin(Path file) throws IOException {
        return new SubjectWordsPlugin()
                .start(new SubjectWordsPlugin.Settings(file), new Context(directory));
    }

    @Test
    void refusesASubjectWithOneOfTheWords() {
        assertEquals(
                Verdict.reject(550, "5.7.1", "The subject has the word lottery"),
                verdictOn("You won the LOTTERY!"));
        assertEquals(
                Verdict.reject(550, "5.7.1", "The subject has the word casino"),
                verdictOn("casino"));
    }

    @Test
    void hasNoOpinionOnOthers() {
        assertEquals(Verdict.NO_OPINION, verdictOn("Lotteryticket"));
        assertEquals(Verdict.NO_OPINION, verdictOn(""));
        assertEquals(Verdict.NO_OPINION, verdictOn(null));
    }

    @Test
    void doesNotStartWithoutItsFile() {
        assertThrows(IOException.class, () -> plugin(directory.resolve("nothing")));
    }

    private Verdict verdictOn(String subject) {
        return hooks.join(null).message(null, new Mail(new Subject(subject)));
    }

    private record Mail(Headers headers) implements Message {
        @Override
        public Content content() {
            throw new UnsupportedOperationException("the plugin does not read it");
        }
    }

    /// A header section with a subject, or with nothing.
    private record Subject(String subject) implements Headers {
        @Override
        public List<HeaderField> fields() {
            return List.of();
        }

        @Override
        public Optional<String> text(String name) {
            return name.equals("Subject") ? Optional.ofNullable(subject) : Optional.empty();
        }

        @Override
        public List<Mailbox> mailboxes(String name) {
            return List.of();
        }

        @Override
        public Optional<Instant> date() {
            return Optional.empty();
        }
    }

    /// What the server offers, as far as this plugin uses it.
    private record Context(Path directory) implements PluginContext {
        @Override
        public String instance() {
            return "subject-words";
        }

        @Override
        public String hostname() {
            return "mx.example.org";
        }

        @Override
        public InstantSource clock() {
            return InstantSource.fixed(Instant.EPOCH);
        }

        @Override
        public RandomGenerator random() {
            throw new UnsupportedOperationException("the plugin leaves nothing to chance");
        }

        @Override
        public Resolver dns() {
            throw new UnsupportedOperationException("the plugin asks nobody");
        }

        @Override
        public Intake intake() {
            throw new UnsupportedOperationException("the plugin sends nothing");
        }

        @Override
        public Logger log() {
            return NOPLogger.NOP_LOGGER;
        }
    }
}
