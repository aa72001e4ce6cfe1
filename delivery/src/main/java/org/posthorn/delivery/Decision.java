package org.posthorn.delivery;

import org.posthorn.api.delivery.Outcome;
import org.posthorn.api.mail.Mailbox;
import org.posthorn.queue.Job;
import org.posthorn.queue.Settlement;

import java.util.List;
import java.util.stream.IntStream;

/// What is to be settled, and the results behind it. Immutable.
///
/// @param settlement for the queue
/// @param results one per recipient, in order; none where nothing was attempted
record Decision(Settlement settlement, List<Result> results) {

    /// Returns the recipients that were given up.
    List<Mailbox> failed(Job job) {
        return IntStream.range(0, results.size())
                .filter(i -> results.get(i).outcome() instanceof Outcome.Failed)
                .mapToObj(i -> job.envelope().recipients().get(i).mailbox())
                .toList();
    }
}
