package org.posthorn.server.log;

import org.posthorn.api.config.Default;
import org.posthorn.api.config.Help;

import java.nio.file.Path;

/// The `log` block. Immutable.
///
/// @param mail where the mail log goes
/// @param mailFile its file
/// @param level what of the developer log is shown
public record LogConfig(
        @Help("Where the mail log goes, one line per event: file, stdout, or none.")
                @Default("file")
                MailLogTarget mail,
        @Help("The mail log's file.") @Default("${data-directory}/log/mail.log") Path mailFile,
        @Help("The least level of messages about the server itself, on standard error.")
                @Default("warn")
                Level level) {

    /// Where the mail log goes.
    public enum MailLogTarget {
        /// Into the file.
        FILE,
        /// To standard output.
        STDOUT,
        /// Nowhere.
        NONE
    }

    /// Levels of the developer log.
    public enum Level {
        /// Something must be mended.
        ERROR,
        /// Something may have to be looked at.
        WARN,
        /// What a start or stop does.
        INFO,
        /// Details of what happens.
        DEBUG,
        /// All of them.
        TRACE
    }
}
