package org.posthorn.delivery;

import org.posthorn.api.config.ByteSize;
import org.posthorn.api.config.Default;
import org.posthorn.api.config.Help;
import org.posthorn.api.mail.Mailbox;

import java.nio.file.Path;
import java.util.Optional;

/// The `bounces` block of `posthorn.conf`. Immutable.
///
/// @param language the language for senders whose mail tells none
/// @param templates the operator's own texts
/// @param maxOriginal the largest message that goes back whole
/// @param doubleBounceRecipient who is told of bounces that cannot be delivered
public record BouncesConfig(
        @Help(
                        "Language of reports for senders whose mail has neither Accept-Language nor Content-Language, or none that there is: de, en, es, fr, or one of the templates.")
                @Default("en")
                String language,
        @Help(
                        "Directory with texts of one's own, a file for each language: de.txt, pt-BR.txt. They take the place of those that come with the server.")
                Optional<Path> templates,
        @Help(
                        "Largest message that goes back whole where its sender asks for that (RET=FULL), at most 4MiB. Of others, and of larger ones, the header goes back.")
                @Default("256KiB")
                ByteSize maxOriginal,
        @Help(
                        "Mailbox that is told of bounces that cannot be delivered, and gets them. Without it they are discarded, and counted.")
                Optional<Mailbox> doubleBounceRecipient) {

    /// What holds where the configuration says nothing.
    public static final BouncesConfig STANDARD =
            new BouncesConfig("en", Optional.empty(), new ByteSize(256 * 1024), Optional.empty());

    /// Reports are made in memory.
    private static final long MOST_ORIGINAL = 4L << 20;

    /// Checks the ranges.
    ///
    /// @throws IllegalArgumentException naming the setting, what was expected and what was found
    public BouncesConfig {
        if (maxOriginal.bytes() > MOST_ORIGINAL) {
            throw new IllegalArgumentException("max-original must be at most 4MiB: " + maxOriginal);
        }
    }
}
