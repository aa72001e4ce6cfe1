package org.posthorn.queue;

import org.posthorn.api.intake.Intake;
import org.posthorn.api.mail.Content;
import org.posthorn.api.mail.MessageId;
import org.posthorn.queue.QueuedMessage.QueuedJob;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;

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

    /// Finds a message of which something was deleted or bounced that can still be brought back.
    ///
    /// @return it with the jobs that were removed
    Optional<QueuedMessage> findRemoved(MessageId message);

    /// Lists messages of which something was deleted or bounced that can still be brought back, in
    /// the order of their ids, with the jobs that were removed.
    ///
    /// @param after where the page before ended, or nothing for the first page
    /// @param limit how many at the most, 1 to 10,000
    List<QueuedMessage> removed(Optional<MessageId> after, int limit);

    /// Does something to jobs of a message, and notes it in their history.
    ///
    /// @param which which of its jobs
    /// @return how many jobs that changed; nothing when there is no such message
    Optional<Integer> operate(
            MessageId message, Predicate<QueuedJob> which, Operation operation, Operation.By by);

    /// Brings back what was deleted or bounced of a message: its jobs are due now, or held as they
    /// were.
    ///
    /// @param which which of the jobs that were removed
    /// @return how many jobs came back; nothing when there is nothing to bring back
    Optional<Integer> restore(MessageId message, Predicate<QueuedJob> which, Operation.By by);

    /// Makes all waiting jobs of a destination due now, except held ones and those that wait for
    /// the time that their message was submitted for (RFC 4865 §4).
    ///
    /// @return how many
    int retry(Destination destination);

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
    /// @param removed octets of content that are kept only to be brought back
    record Counts(long messages, long jobs, long active, long held, long removed) {}
}
