package org.posthorn.server.management;

import org.posthorn.api.event.MailObserver;
import org.posthorn.api.mail.MessageId;
import org.posthorn.delivery.NotYet;
import org.posthorn.delivery.Routes;
import org.posthorn.queue.Operation;
import org.posthorn.queue.Queue;
import org.posthorn.queue.QueuedMessage.QueuedJob;
import org.posthorn.server.mxbean.QueueEntry;
import org.posthorn.server.mxbean.QueueMXBean;
import org.posthorn.server.mxbean.SelectedMail;
import org.posthorn.server.selection.Selection;

import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Predicate;

/// The queue behind its contract.
public final class QueueBean implements QueueMXBean {
    private static final int LONGEST_TEXT = 200;

    private final Queue queue;
    private final Routes routes;
    private final InstantSource clock;
    private final QueueEntries entries;
    private final Operating operating;

    /// Makes one.
    ///
    /// @param routes say where jobs go, and where they can be sent
    /// @param delay says why a job that was handed out waits nevertheless, if it does
    /// @param observer is told of operations
    public QueueBean(
            Queue queue,
            Routes routes,
            BiFunction<MessageId, Integer, Optional<NotYet>> delay,
            MailObserver observer,
            InstantSource clock) {
        this.queue = queue;
        this.routes = routes;
        this.clock = clock;
        this.entries = new QueueEntries(routes::describe, delay);
        this.operating = new Operating(observer, clock);
    }

    @Override
    public long getMessages() {
        return queue.counts().messages();
    }

    @Override
    public long getJobs() {
        return queue.counts().jobs();
    }

    @Override
    public long getActive() {
        return queue.counts().active();
    }

    @Override
    public long getHeld() {
        return queue.counts().held();
    }

    @Override
    public long getRemovedOctets() {
        return queue.counts().removed();
    }

    @Override
    public List<QueueEntry> list(String where, String after, int limit) {
        return page(waiting(where), after, limit);
    }

    @Override
    public List<QueueEntry> removed(String where, String after, int limit) {
        return page(removed(where), after, limit);
    }

    private List<QueueEntry> page(Selecting mail, String after, int limit) {
        if (limit < 1 || limit > 10_000) {
            throw new IllegalArgumentException("limit must be 1 to 10000, not " + limit);
        }
        return mail.page(after, limit).stream().map(entries::listed).toList();
    }

    @Override
    public List<QueueEntry> show(String id) {
        return queue.find(new MessageId(id)).map(entries::shown).stream().toList();
    }

    @Override
    public SelectedMail count(String where) {
        return waiting(where).count((_, _) -> true);
    }

    @Override
    public SelectedMail countClosed(String where) {
        return waiting(where).count((message, job) -> routes.isClosed(message, job, clock));
    }

    @Override
    public SelectedMail countRemoved(String where) {
        return removed(where).count((_, _) -> true);
    }

    @Override
    public SelectedMail retry(String where, String who, String why) {
        Selecting mail = waiting(where);
        boolean named = mail.selection().message().isPresent();
        return operating.operate(
                mail,
                job -> named || !isForLater(job, mail.now()),
                new Operating.Title("retry", ""),
                new Operation.Retry(),
                Signature.of(who, why));
    }

    /// Tells whether a job waits for the time that its message was submitted for (RFC 4865): only
    /// who names the message makes it due before. What was not tried for another reason, such as a
    /// suspended site, says so.
    private static boolean isForLater(QueuedJob job, Instant now) {
        return job.attempts() == 0
                && job.due().isAfter(now)
                && job.waiting().stream().allMatch(it -> it.last().isEmpty());
    }

    @Override
    public SelectedMail hold(String where, String who, String why) {
        Operation.By by = Signature.of(who, why);
        String reason = why.isEmpty() ? "by " + by.who() : why;
        return operate(where, "hold", "", new Operation.Hold(reason), by);
    }

    @Override
    public SelectedMail release(String where, String who, String why) {
        return operate(where, "release", "", new Operation.Release(), Signature.of(who, why));
    }

    @Override
    public SelectedMail redirect(String where, String route, String who, String why) {
        Signature.checked("route", route, LONGEST_TEXT);
        Redirection.check(route, routes);
        return operate(
                where, "redirect", route, new Operation.Redirect(route), Signature.of(who, why));
    }

    @Override
    public SelectedMail due(String where, String when, String who, String why) {
        Instant time = DueTime.parse(when, clock.instant());
        return operate(
                where, "due", time.toString(), new Operation.DueAt(time), Signature.of(who, why));
    }

    @Override
    public SelectedMail bounce(String where, String text, String who, String why) {
        String told = text.isEmpty() ? "it cannot be delivered" : text;
        Signature.checked("text", told, LONGEST_TEXT);
        return operate(where, "bounce", told, new Operation.Bounce(told), Signature.of(who, why));
    }

    @Override
    public SelectedMail delete(String where, String who, String why) {
        return operate(where, "delete", "", new Operation.Delete(), Signature.of(who, why));
    }

    @Override
    public SelectedMail undo(String where, String who, String why) {
        return operating.restore(removed(where), Signature.of(who, why));
    }

    private SelectedMail operate(
            String where, String name, String detail, Operation operation, Operation.By by) {
        Predicate<QueuedJob> any = _ -> true;
        Operating.Title title = new Operating.Title(name, detail);
        return operating.operate(waiting(where), any, title, operation, by);
    }

    private Selecting waiting(String where) {
        return new Selecting(
                Selection.parse(where), clock.instant(), routes::describe, queue, false);
    }

    private Selecting removed(String where) {
        return new Selecting(
                Selection.parse(where), clock.instant(), routes::describe, queue, true);
    }
}
