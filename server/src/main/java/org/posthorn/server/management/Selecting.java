package org.posthorn.server.management;

import org.posthorn.api.mail.MessageId;
import org.posthorn.queue.Queue;
import org.posthorn.queue.QueuedMessage;
import org.posthorn.queue.QueuedMessage.QueuedJob;
import org.posthorn.server.mxbean.SelectedMail;
import org.posthorn.server.selection.Selection;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// Finds what a selection selects, page by page: never more than a page of the queue is in memory.
///
/// @param selection what is meant
/// @param now when that was said: later mail is not meant
/// @param route says where a job goes
/// @param queue where
/// @param removed whether what can be brought back is meant, instead of what waits
record Selecting(
        Selection selection,
        Instant now,
        BiFunction<QueuedMessage, QueuedJob, String> route,
        Queue queue,
        boolean removed) {
    private static final int PAGE = 500;

    /// Tells which of a message's jobs are selected, as they are when that is asked.
    Predicate<QueuedJob> of(QueuedMessage message) {
        return selection.of(message, now, route);
    }

    /// Returns a page of messages with their selected jobs only.
    ///
    /// @param after where the page before ended
    List<QueuedMessage> page(String after, int limit) {
        List<QueuedMessage> found = new ArrayList<>();
        each(
                after.isEmpty() ? Optional.empty() : Optional.of(new MessageId(after)),
                selection.isAll() ? limit : PAGE,
                page -> {
                    found.addAll(page.subList(0, Math.min(page.size(), limit - found.size())));
                    return found.size() < limit;
                });
        return found;
    }

    /// Counts what is selected.
    ///
    /// @param fit which of these jobs count
    SelectedMail count(BiPredicate<QueuedMessage, QueuedJob> fit) {
        long[] sum = new long[3];
        each(
                page -> {
                    for (QueuedMessage it : page) {
                        long jobs = it.jobs().stream().filter(job -> fit.test(it, job)).count();
                        sum[0] += jobs > 0 ? 1 : 0;
                        sum[1] += jobs;
                        sum[2] += jobs > 0 ? it.size() : 0;
                    }
                });
        return new SelectedMail(sum[0], sum[1], sum[2]);
    }

    /// Shows all messages with selected jobs, with these jobs only.
    void each(Consumer<List<QueuedMessage>> pages) {
        each(
                Optional.empty(),
                PAGE,
                page -> {
                    pages.accept(page);
                    return true;
                });
    }

    private void each(Optional<MessageId> after, int size, Predicate<List<QueuedMessage>> pages) {
        Optional<MessageId> named = selection.message();
        List<QueuedMessage> page =
                named.isPresent() ? named(named.get(), after) : some(after, size);
        while (!page.isEmpty() && pages.test(selected(page))) {
            page =
                    named.isPresent() || page.size() < size
                            ? List.of()
                            : some(Optional.of(page.getLast().id()), size);
        }
    }

    private List<QueuedMessage> named(MessageId id, Optional<MessageId> after) {
        Optional<QueuedMessage> found = removed ? queue.findRemoved(id) : queue.find(id);
        return found.filter(_ -> after.isEmpty()).stream().toList();
    }

    private List<QueuedMessage> some(Optional<MessageId> after, int size) {
        return removed ? queue.removed(after, size) : queue.list(after, size);
    }

    private List<QueuedMessage> selected(List<QueuedMessage> page) {
        return page.stream()
                .filter(it -> !it.acceptedAt().isAfter(now))
                .map(this::selected)
                .filter(it -> !it.jobs().isEmpty())
                .toList();
    }

    private QueuedMessage selected(QueuedMessage it) {
        return new QueuedMessage(
                it.id(),
                it.envelope(),
                it.size(),
                it.acceptedAt(),
                it.metadata(),
                it.jobs().stream().filter(of(it)).toList());
    }
}
