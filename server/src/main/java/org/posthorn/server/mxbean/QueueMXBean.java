package org.posthorn.server.mxbean;

import org.posthorn.api.config.Help;

import java.util.List;

/// The queue as its operator sees it. What an operation does to a message is written to the mail
/// log and to the history of its jobs.
///
/// Where nothing else is said, operations throw `IllegalArgumentException` for arguments that they
/// do not understand, and wait for the disk.
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

    @Help("Octets of messages that are kept only to be brought back.")
    long getRemovedOctets();

    @Help("Returns messages with their selected jobs in the order of their ids, a page at a time.")
    List<QueueEntry> list(
            @Help("A selection.") String where,
            @Help("The last id of the page before; empty for the first page.") String after,
            @Help("How many at the most, 1 to 10000.") int limit);

    @Help(
            "Returns a message with the history of its jobs, as a list of one; an empty list when"
                    + " there is none of that id.")
    List<QueueEntry> show(@Help("The message's id.") String id);

    @Help(
            "Returns what was deleted or bounced and can be brought back, in the order of the messages'"
                    + " ids, a page at a time.")
    List<QueueEntry> removed(
            @Help("A selection.") String where,
            @Help("The last id of the page before; empty for the first page.") String after,
            @Help("How many at the most, 1 to 10000.") int limit);

    @Help("Counts what is selected.")
    SelectedMail count(@Help("A selection.") String where);

    @Help(
            "Counts what is selected whose route is closed now: it waits for a delivery window, due or"
                    + " not.")
    SelectedMail countClosed(@Help("A selection.") String where);

    @Help("Counts what is selected of what can be brought back.")
    SelectedMail countRemoved(@Help("A selection.") String where);

    @Help(
            "Makes jobs due now, held ones excepted. Those before their FUTURERELEASE only if the"
                    + " selection names their message. Returns what was changed.")
    SelectedMail retry(
            @Help("A selection.") String where,
            @Help("The operator; empty for the one who is logged in.") String who,
            @Help("The operator's reason; may be empty.") String why);

    @Help("Keeps jobs until they are released. Returns what was changed.")
    SelectedMail hold(
            @Help("A selection.") String where,
            @Help("The operator; empty for the one who is logged in.") String who,
            @Help("The operator's reason, which other operators are shown; may be empty.")
                    String why);

    @Help("Ends holds: jobs are due now, or at their FUTURERELEASE. Returns what was changed.")
    SelectedMail release(
            @Help("A selection.") String where,
            @Help("The operator; empty for the one who is logged in.") String who,
            @Help("The operator's reason; may be empty.") String why);

    @Help(
            "Sends jobs elsewhere than the route table says: now, unless they are held or before"
                    + " their FUTURERELEASE. Returns what was changed.")
    SelectedMail redirect(
            @Help("A selection.") String where,
            @Help(
                            "What may stand under to in a route, such as mx or smtp://host:port; hold"
                                    + " excepted.")
                    String route,
            @Help("The operator; empty for the one who is logged in.") String who,
            @Help("The operator's reason; may be empty.") String why);

    @Help("Changes when jobs are due. Held ones stay held. Returns what was changed.")
    SelectedMail due(
            @Help("A selection.") String where,
            @Help(
                            "now, a time from now such as +30m or +2h, or a time such as"
                                    + " 2026-01-01T12:00:00Z; at most a year ahead.")
                    String when,
            @Help("The operator; empty for the one who is logged in.") String who,
            @Help("The operator's reason; may be empty.") String why);

    @Help("Returns jobs to their senders now, also held ones. Returns what was changed.")
    SelectedMail bounce(
            @Help("A selection.") String where,
            @Help("What the sender is told; may be empty.") String text,
            @Help("The operator; empty for the one who is logged in.") String who,
            @Help("The operator's reason; may be empty.") String why);

    @Help(
            "Removes jobs without a bounce. They can be brought back for as long as"
                    + " queue.undo-window says. Returns what was changed.")
    SelectedMail delete(
            @Help("A selection.") String where,
            @Help("The operator; empty for the one who is logged in.") String who,
            @Help("The operator's reason; may be empty.") String why);

    @Help(
            "Brings back what is selected of what was deleted or bounced: due now, or held as before."
                    + " Returns what came back.")
    SelectedMail undo(
            @Help("A selection.") String where,
            @Help("The operator; empty for the one who is logged in.") String who,
            @Help("The operator's reason; may be empty.") String why);
}
