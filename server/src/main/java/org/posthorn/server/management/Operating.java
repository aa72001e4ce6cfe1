package org.posthorn.server.management;

import org.posthorn.api.event.MailEvent;
import org.posthorn.api.event.MailObserver;
import org.posthorn.queue.Operation;
import org.posthorn.queue.QueuedMessage;
import org.posthorn.queue.QueuedMessage.QueuedJob;
import org.posthorn.server.mxbean.SelectedMail;

import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;

/// Does something to all that is selected. The messages of a page are changed at the same time, so
/// that they share the disk's syncs.
///
/// @param observer is told of each message that was changed
record Operating(MailObserver observer, InstantSource clock) {

    /// Changes a message.
    @FunctionalInterface
    interface Change {
        /// Changes it, and returns how many of its jobs changed, if there is such a message.
        Optional<Integer> apply(QueuedMessage message);
    }

    /// What is done, as it stands in the mail log.
    ///
    /// @param operation such as `hold`
    /// @param detail what belongs to it; may be empty
    record Title(String operation, String detail) {}

    /// Does what an operation says to the selected jobs.
    ///
    /// @param fit which of these it is for
    SelectedMail operate(
            Selecting mail,
            Predicate<QueuedJob> fit,
            Title title,
            Operation operation,
            Operation.By by) {
        // The queue needs no second word on why mail is held.
        Operation.By noted =
                operation instanceof Operation.Hold ? new Operation.By(by.who(), "") : by;
        return change(
                mail,
                title,
                by,
                it -> mail.queue().operate(it.id(), mail.of(it).and(fit), operation, noted));
    }

    /// Brings the selected jobs back.
    SelectedMail restore(Selecting mail, Operation.By by) {
        return change(
                mail,
                new Title("undo", ""),
                by,
                it -> mail.queue().restore(it.id(), mail.of(it), by));
    }

    private SelectedMail change(Selecting mail, Title title, Operation.By by, Change change) {
        Sum sum = new Sum();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            mail.each(
                    page ->
                            all(
                                    threads,
                                    page.stream()
                                            .map(it -> one(it, title, by, change, sum))
                                            .toList(),
                                    sum));
        }
        return sum.mail();
    }

    private Callable<Object> one(
            QueuedMessage message, Title title, Operation.By by, Change change, Sum sum) {
        return () -> {
            int changed = change.apply(message).orElse(0);
            if (changed > 0) {
                sum.add(message, changed);
                observer.tell(
                        new MailEvent.Operated(
                                clock.instant(),
                                message.id(),
                                title.operation(),
                                title.detail(),
                                by.who(),
                                by.why(),
                                changed));
            }
            return changed;
        };
    }

    private static void all(ExecutorService threads, List<Callable<Object>> tasks, Sum sum) {
        try {
            for (Future<Object> done : threads.invokeAll(tasks)) {
                done.get();
            }
        } catch (ExecutionException e) {
            throw stopped(sum, e.getCause() == null ? e : e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw stopped(sum, e);
        }
    }

    /// Of a class that any client knows.
    private static IllegalStateException stopped(Sum sum, Throwable why) {
        return new IllegalStateException(
                "stopped when %d messages were changed: %s".formatted(sum.mail().messages(), why));
    }

    /// What was changed. Safe for use by many threads.
    private static final class Sum {
        private final LongAdder messages = new LongAdder();
        private final LongAdder jobs = new LongAdder();
        private final LongAdder octets = new LongAdder();

        void add(QueuedMessage message, int changed) {
            messages.increment();
            jobs.add(changed);
            octets.add(message.size());
        }

        SelectedMail mail() {
            return new SelectedMail(messages.sum(), jobs.sum(), octets.sum());
        }
    }
}
