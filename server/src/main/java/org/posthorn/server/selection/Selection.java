package org.posthorn.server.selection;

import org.posthorn.api.mail.MessageId;
import org.posthorn.queue.QueuedMessage;
import org.posthorn.queue.QueuedMessage.QueuedJob;
import org.posthorn.queue.QueuedMessage.State;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Predicate;

/// Which jobs of the queue an operator means: those for which all terms hold. Immutable.
///
/// A term is a message id, `*` for all, or a subject, a comparison and a value, such as
/// `domain=*.example.org`, `age>2d` or `reason!="*no such user*"`.
public final class Selection {
    private static final int LONGEST = 2_000;

    private final String text;
    private final List<Term> terms;

    private Selection(String text, List<Term> terms) {
        this.text = text;
        this.terms = List.copyOf(terms);
    }

    /// Reads a selection.
    ///
    /// @throws IllegalArgumentException saying where which term is wrong, and what was expected
    public static Selection parse(String text) {
        if (text.length() > LONGEST) {
            throw new IllegalArgumentException(
                    "a selection has at most " + LONGEST + " characters: " + text.length());
        }
        return new Selection(text, new SelectionParser(text).terms());
    }

    /// Returns the message to which all selected jobs belong, if the selection names one.
    public Optional<MessageId> message() {
        return terms.stream()
                .filter(Term.Id.class::isInstance)
                .map(term -> ((Term.Id) term).id())
                .findFirst();
    }

    /// Tells whether everything is selected.
    public boolean isAll() {
        return terms.stream().allMatch(Term.All.class::isInstance);
    }

    /// Returns what tells which jobs of a message are selected.
    ///
    /// @param now the age of messages is counted to here
    /// @param route says where a job goes
    public Predicate<QueuedJob> of(
            QueuedMessage message,
            Instant now,
            BiFunction<QueuedMessage, QueuedJob, String> route) {
        return job -> {
            Candidate candidate = new Candidate(message, job, now, route);
            return terms.stream().allMatch(term -> term.holds(candidate));
        };
    }

    /// Returns the word for a state, as `state=` takes it.
    public static String word(State state) {
        return switch (state) {
            case State.Scheduled _ -> "scheduled";
            case State.Active _ -> "active";
            case State.Held _ -> "held";
            case State.Removed _ -> "removed";
        };
    }

    /// Returns the text that it was read from.
    @Override
    public String toString() {
        return text;
    }
}
