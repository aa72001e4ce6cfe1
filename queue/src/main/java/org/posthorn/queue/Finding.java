package org.posthorn.queue;

import java.util.Locale;

/// Something that is not as it must be in a queue's store. Immutable.
///
/// @param kind what kind of thing
/// @param subject which message, job or key
/// @param problem what is wrong, in a few words
public record Finding(Kind kind, String subject, String problem) {
    /// What is wrong, and what comes of it.
    public enum Kind {
        /// Something that was accepted, or part of it, is not there: only a backup has it.
        LOST("bring it back from a backup if there is one; repair sets the rest aside"),
        /// A job that nothing leads to: it waits for ever.
        STUCK("repair makes it due"),
        /// Something that belongs to nothing. It takes space only.
        ORPHAN("repair drops it"),
        /// A job that is handed out twice.
        DOUBLED("repair leaves one"),
        /// A counter that is wrong.
        COUNTER("repair counts again"),
        /// Octets that cannot be read, or not understood.
        UNREADABLE("look at the disk; repair keeps what can be read and sets the rest aside");

        private final String advice;

        Kind(String advice) {
            this.advice = advice;
        }

        /// Returns what to do.
        public String advice() {
            return advice;
        }
    }

    /// Returns the finding in one line, as operators read it.
    @Override
    public String toString() {
        return kind.name().toLowerCase(Locale.ROOT)
                + ": "
                + subject
                + ": "
                + problem
                + " ("
                + kind.advice()
                + ")";
    }
}
