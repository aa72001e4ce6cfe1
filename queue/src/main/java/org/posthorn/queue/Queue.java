package org.posthorn.queue;

import org.posthorn.api.intake.Intake;
import org.posthorn.api.mail.Content;
import org.posthorn.api.mail.MessageId;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/// The server's durable to-do list: messages come in by [Intake], leave by being settled.
///
/// Safe for use by many threads. It knows no SMTP and no policy: it keeps a due time that it is
/// given. What [#take] hands out is remembered in memory only, so after a crash every unsettled job
/// is due again: delivery is at-least-once.
public interface Queue extends Intake {

    /// Waits for a job to fall due whose destination has a lane free ([LaneLimits]). Nobody else
    /// gets it until it is settled or given back.
    ///
    /// @throws InterruptedException when the thread is interrupted while it waits
    Job take() throws InterruptedException;

    /// Records what became of a job by one synced write, all of it or none of it: recipients done,
    /// recipients waiting, when they are due again, and what is reported. A message
    /// without jobs left is gone.
    ///
    /// @return what the write did; failed when the store could not write: then the job is due
    /// again, as if it had never been taken, and no report exists
    CompletionStage<Settled> settle(Job job, Settlement settlement);

    /// Returns a job that was not attempted. It is due as it was before.
    void giveBack(Job job);

    /// Opens a message's content.
    ///
    /// @return nothing when there is no such message
    Optional<Content> content(MessageId message);

    /// Finds a message and its jobs.
    Optional<QueuedMessage> find(MessageId message);

    /// Lists messages in the order of their ids.
    ///
    /// @param after where the page before ended, or nothing for the first page
    /// @param limit how many at the most, 1 to 10,000
    List<QueuedMessage> list(Optional<MessageId> after, int limit);

    /// Returns how much there is. Cheap: counters, no counting.
    Counts counts();

    /// Makes all waiting jobs of a message due now, held ones excepted; also those that wait for
    /// the time that the message was submitted for.
    ///
    /// @return whether there is such a message
    boolean retry(MessageId message);

    /// Makes all waiting jobs of a destination due now, except held ones and those that wait for
    /// the time that their message was submitted for (RFC 4865 §4).
    ///
    /// @return how many
    int retry(Destination destination);

    /// Keeps a message's jobs from being handed out until they are released. A running attempt is
    /// not stopped.
    ///
    /// @param reason what an operator reads
    /// @return whether there is such a message
    boolean hold(MessageId message, String reason);

    /// Ends a hold: the jobs are due now, or at the time that their message was submitted
    /// for, if that is later.
    ///
    /// @return whether there is such a message
    boolean release(MessageId message);

    /// Removes a message without a bounce. A running attempt is not stopped, and its settlement
    /// changes nothing any more.
    ///
    /// @return whether there was such a message
    boolean delete(MessageId message);

    /// What a settlement did.
    ///
    /// @param reports the ids of the reports, in the order of the settlement
    /// @param finished whether this was the message's last job: it is gone from the queue. Told for
    /// one settlement of a message only
    record Settled(List<MessageId> reports, boolean finished) {
        /// Copies the list.
        public Settled {
            reports = List.copyOf(reports);
        }
    }

    /// How much there is.
    ///
    /// @param messages messages in the queue
    /// @param jobs jobs in the queue, in whatever state
    /// @param active jobs handed out and not yet settled
    /// @param held jobs waiting for an operator
    record Counts(long messages, long jobs, long active, long held) {}
}
