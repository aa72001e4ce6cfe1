package org.posthorn.server.mxbean;

import org.posthorn.api.config.Help;

import java.util.List;

/// The queue as its operator sees it. Operations on a message are written to the mail log.
@Help("What was accepted and is not yet delivered.")
public interface QueueMXBean {

    @Help("Messages in the queue.")
    long getMessages();

    @Help("Jobs in the queue: a message to one destination each.")
    long getJobs();

    @Help("Jobs with a delivery in progress.")
    long getActive();

    @Help("Jobs that wait for an operator.")
    long getHeld();

    @Help("Returns messages in the order of their ids, a page at a time.")
    List<QueueEntry> list(
            @Help("The last id of the page before; empty for the first page.") String after,
            @Help("How many at the most, 1 to 10000.") int limit);

    @Help("Returns a message, as a list of one; an empty list when there is none of that id.")
    List<QueueEntry> show(@Help("The message's id.") String id);

    @Help(
            "Makes all jobs of a message due now, also before their FUTURERELEASE; held ones"
                    + " excepted. False when there is none.")
    boolean retry(@Help("The message's id.") String id);

    @Help(
            "Makes all jobs of a destination due now, except held ones and those before their"
                    + " FUTURERELEASE. Returns how many.")
    int retryDestination(@Help("The destination's domain.") String domain);

    @Help("Keeps a message until it is released. False when there is none.")
    boolean hold(
            @Help("The message's id.") String id, @Help("Why, for other operators.") String reason);

    @Help("Ends a hold: the message is due now, or at its FUTURERELEASE. False when there is none.")
    boolean release(@Help("The message's id.") String id);

    @Help("Removes a message for good, without a bounce. False when there was none.")
    boolean delete(@Help("The message's id.") String id);
}
