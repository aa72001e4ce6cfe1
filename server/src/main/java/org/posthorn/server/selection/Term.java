package org.posthorn.server.selection;

import org.posthorn.api.mail.MessageId;

import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/// One condition of a selection. Immutable.
sealed interface Term {

    /// Tells whether a job meets it.
    boolean holds(Candidate candidate);

    /// Any job.
    record All() implements Term {
        @Override
        public boolean holds(Candidate candidate) {
            return true;
        }
    }

    /// The jobs of one message.
    record Id(MessageId id) implements Term {
        @Override
        public boolean holds(Candidate candidate) {
            return candidate.message().id().equals(id);
        }
    }

    /// One of a job's texts is like a pattern, or none of them is.
    ///
    /// @param wanted whether one must be
    record Like(Function<Candidate, List<String>> texts, Glob pattern, boolean wanted)
            implements Term {
        @Override
        public boolean holds(Candidate candidate) {
            return texts.apply(candidate).stream().anyMatch(pattern::matches) == wanted;
        }
    }

    /// A number is in a relation to another.
    record Compared(ToLongFunction<Candidate> number, Comparison comparison, long bound)
            implements Term {
        @Override
        public boolean holds(Candidate candidate) {
            return comparison.holds(number.applyAsLong(candidate), bound);
        }
    }
}
