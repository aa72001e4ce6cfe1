package example.words;

import org.apache.commons.io.FileUtils;
import org.posthorn.api.config.Help;
import org.posthorn.api.plugin.Hooks;
import org.posthorn.api.plugin.Message;
import org.posthorn.api.plugin.Plugin;
import org.posthorn.api.plugin.PluginContext;
import org.posthorn.api.plugin.SessionHooks;
import org.posthorn.api.plugin.Transaction;
import org.posthorn.api.plugin.Verdict;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/// Refuses mail whose subject has one of the words in a file.
public final class SubjectWordsPlugin implements Plugin<SubjectWordsPlugin.Settings> {

    /// The settings: what stands beside `use = subject-words` in `posthorn.conf`.
    ///
    /// @param file the words
    public record Settings(@Help("Text file with the words, one on each line.") Path file) {}

    /// Makes the provider, which does nothing yet.
    public SubjectWordsPlugin() {}

    @Override
    public String name() {
        return "subject-words";
    }

    @Override
    public Class<Settings> settings() {
        return Settings.class;
    }

    /// Called once for each block of the configuration. What is thrown here stops the server from
    /// starting, and stands beside file and line of the block.
    @Override
    public Hooks start(Settings settings, PluginContext context) throws IOException {
        Set<String> words =
                FileUtils.readLines(settings.file().toFile(), StandardCharsets.UTF_8).stream()
                        .map(word -> word.strip().toLowerCase(Locale.ROOT))
                        .filter(word -> !word.isEmpty())
                        .collect(Collectors.toUnmodifiableSet());
        context.log().info("{} words in {}", words.size(), settings.file());
        return session -> new Subjects(words);
    }

    /// One connection's part. It keeps nothing, so it could be shared; one that does keep something
    /// has fields, and needs no locks: its methods are called one at a time.
    private record Subjects(Set<String> words) implements SessionHooks {

        @Override
        public Verdict message(Transaction transaction, Message message) {
            String subject = message.headers().text("Subject").orElse("");
            return Arrays.stream(subject.toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{N}]+"))
                    .filter(words::contains)
                    .findFirst()
                    .map(word -> Verdict.reject(550, "5.7.1", "The subject has the word " + word))
                    .orElse(Verdict.NO_OPINION);
        }
    }
}
