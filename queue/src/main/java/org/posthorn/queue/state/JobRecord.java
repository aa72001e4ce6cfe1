package org.posthorn.queue.state;

import org.posthorn.api.delivery.Outcome;
import org.posthorn.api.mail.Domain;
import org.posthorn.api.mail.Priority;
import org.posthorn.api.smtp.EnhancedStatus;
import org.posthorn.api.smtp.Reply;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// How far a job has got. Immutable.
///
/// @param destination where it goes
/// @param due when it is or was due, to the millisecond
/// @param attempts how many attempts were settled
/// @param hold why it waits for an operator, if it does
/// @param waiting the recipients that are left
/// @param marks what else is remembered, one bit each
/// @param priority how urgent it is, -9 to 9
/// @param source who answers for it, and has a share of what is attempted at once: the sender, or
///     its tenant; empty where that was not written down
/// @param orders what an operator wants of it
/// @param notes what happened to it, the latest last
public record JobRecord(
        Domain destination,
        Instant due,
        int attempts,
        Optional<String> hold,
        List<Waiting> waiting,
        int marks,
        int priority,
        String source,
        Orders orders,
        List<Note> notes) {
    /// How much longer than it has a job counts as having waited, for each step of its priority.
    private static final Duration STEP = Duration.ofMinutes(10);

    /// The format since a job has marks and a priority. Before, it had neither.
    private static final int MARKED = 2;

    /// The format since a job has a source, orders and notes.
    private static final int VERSION = 3;

    /// Copies the lists.
    ///
    /// @throws IllegalArgumentException when the priority is out of range
    public JobRecord {
        waiting = List.copyOf(waiting);
        notes = List.copyOf(notes);
        if (priority < Priority.LOWEST || priority > Priority.HIGHEST) {
            throw new IllegalArgumentException("a priority is -9 to 9: " + priority);
        }
    }

    /// Makes a job that nothing has happened to yet.
    public JobRecord(
            Domain destination,
            Instant due,
            Optional<String> hold,
            List<Waiting> waiting,
            int priority,
            String source) {
        this(destination, due, 0, hold, waiting, 0, priority, source, Orders.NONE, List.of());
    }

    /// What an operator wants of a job.
    ///
    /// @param route where it goes instead of where the route table says
    /// @param bounce why it is to be returned to its sender
    public record Orders(Optional<String> route, Optional<String> bounce) {
        /// Nothing.
        public static final Orders NONE = new Orders(Optional.empty(), Optional.empty());
    }

    /// A recipient that is left.
    ///
    /// @param recipient which of the envelope's recipients, from 0
    /// @param last what the last attempt said
    public record Waiting(int recipient, Optional<Outcome> last) {}

    /// Returns this job with another due time.
    public JobRecord dueAt(Instant when) {
        return with(when, hold, waiting, marks, orders, notes);
    }

    /// Returns this job held, or not.
    public JobRecord held(Optional<String> reason) {
        return with(due, reason, waiting, marks, orders, notes);
    }

    /// Returns this job with more marks.
    public JobRecord marked(int more) {
        return with(due, hold, waiting, marks | more, orders, notes);
    }

    /// Returns this job with other orders.
    public JobRecord ordered(Orders others) {
        return with(due, hold, waiting, marks, others, notes);
    }

    /// Returns this job with one more note.
    public JobRecord noted(Note note) {
        return with(due, hold, waiting, marks, orders, Note.add(notes, note));
    }

    /// Returns this job with these recipients left.
    public JobRecord waitingFor(List<Waiting> left) {
        return with(due, hold, left, marks, orders, notes);
    }

    /// Returns this job after one more attempt.
    public JobRecord attempted() {
        return new JobRecord(
                destination,
                due,
                attempts + 1,
                hold,
                waiting,
                marks,
                priority,
                source,
                orders,
                notes);
    }

    private JobRecord with(
            Instant when,
            Optional<String> reason,
            List<Waiting> left,
            int its,
            Orders others,
            List<Note> all) {
        return new JobRecord(
                destination, when, attempts, reason, left, its, priority, source, others, all);
    }

    /// Returns the job's place among those of its destination that are due: as if it had fallen due
    /// the earlier the more urgent it is. So urgent mail goes first, and other mail still gets its
    /// turn.
    public Instant turn() {
        return turn(due, priority);
    }

    static Instant turn(Instant due, int priority) {
        return due.minus(STEP.multipliedBy(priority));
    }

    /// Returns the record as it stands on disk.
    public byte[] octets() {
        return new Encoder(64, VERSION)
                .text(destination.toString())
                .instant(due)
                .number(attempts)
                .optional(hold, Encoder::text)
                .list(
                        waiting,
                        (to, it) ->
                                to.number(it.recipient()).optional(it.last(), JobRecord::outcome))
                .number(marks)
                .number(priority - Priority.LOWEST)
                .text(source)
                .optional(orders.route(), Encoder::text)
                .optional(orders.bounce(), Encoder::text)
                .list(notes, (to, it) -> to.instant(it.at()).text(it.by()).text(it.text()))
                .done();
    }

    /// Reads a record.
    ///
    /// @throws CorruptRecordException when it is none
    public static JobRecord of(byte[] octets) {
        return Decoder.read(
                "job",
                VERSION,
                octets,
                from ->
                        new JobRecord(
                                Domain.parse(from.text()),
                                from.instant(),
                                from.count(Integer.MAX_VALUE),
                                from.optional(Decoder::text),
                                from.list(
                                        it ->
                                                new Waiting(
                                                        it.count(Integer.MAX_VALUE),
                                                        it.optional(JobRecord::outcome))),
                                from.since(MARKED) ? from.count(Integer.MAX_VALUE) : 0,
                                from.since(MARKED)
                                        ? from.count(Priority.HIGHEST - Priority.LOWEST)
                                                + Priority.LOWEST
                                        : Priority.NORMAL,
                                from.since(VERSION) ? from.text() : "",
                                from.since(VERSION)
                                        ? new Orders(
                                                from.optional(Decoder::text),
                                                from.optional(Decoder::text))
                                        : Orders.NONE,
                                from.since(VERSION)
                                        ? from.list(
                                                it -> new Note(it.instant(), it.text(), it.text()))
                                        : List.of()));
    }

    private static void outcome(Encoder to, Outcome outcome) {
        to.octet(
                switch (outcome) {
                    case Outcome.Delivered _ -> 2;
                    case Outcome.Deferred _ -> 4;
                    case Outcome.Failed _ -> 5;
                });
        Reply reply = outcome.reply();
        to.number(reply.code())
                .optional(reply.status(), (_, status) -> to.text(status.toString()))
                .list(reply.lines(), Encoder::text);
    }

    private static Outcome outcome(Decoder from) {
        int kind = from.octet();
        Reply reply =
                new Reply(
                        from.count(999),
                        from.optional(JobRecord::status),
                        from.list(Decoder::text));
        return switch (kind) {
            case 2 -> new Outcome.Delivered(reply);
            case 4 -> new Outcome.Deferred(reply);
            case 5 -> new Outcome.Failed(reply);
            default -> throw new CorruptRecordException("an outcome is of no known kind");
        };
    }

    private static EnhancedStatus status(Decoder from) {
        return EnhancedStatus.parse(from.text())
                .orElseThrow(() -> new CorruptRecordException("an enhanced status is none"));
    }
}
