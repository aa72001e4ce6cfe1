package org.posthorn.server.management;

import org.posthorn.api.mail.MessageId;
import org.posthorn.delivery.NotYet;
import org.posthorn.queue.QueuedMessage;
import org.posthorn.queue.QueuedMessage.QueuedJob;
import org.posthorn.queue.QueuedMessage.State;
import org.posthorn.server.mxbean.QueueEntry;
import org.posthorn.server.mxbean.QueueEntry.QueuedEvent;
import org.posthorn.server.mxbean.QueueEntry.QueuedFact;
import org.posthorn.server.mxbean.QueueEntry.QueuedRecipient;
import org.posthorn.server.selection.Selection;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;

/// Writes messages down for operators. Immutable.
///
/// @param route says where a job goes
/// @param delay says why one that was handed out waits nevertheless, if it does
record QueueEntries(
        BiFunction<QueuedMessage, QueuedJob, String> route,
        BiFunction<MessageId, Integer, Optional<NotYet>> delay) {

    QueueEntry listed(QueuedMessage message) {
        return entry(message, false);
    }

    QueueEntry shown(QueuedMessage message) {
        return entry(message, true);
    }

    private QueueEntry entry(QueuedMessage message, boolean withHistory) {
        return new QueueEntry(
                message.id().toString(),
                message.envelope().sender().toString(),
                message.size(),
                message.acceptedAt().toString(),
                message.metadata().entrySet().stream()
                        .sorted(Map.Entry.comparingByKey())
                        .map(it -> new QueuedFact(it.getKey(), it.getValue()))
                        .toList(),
                message.jobs().stream().map(it -> job(message, it, withHistory)).toList());
    }

    private QueueEntry.QueuedJob job(QueuedMessage message, QueuedJob job, boolean withHistory) {
        Optional<NotYet> waits = delay.apply(message.id(), job.number());
        return new QueueEntry.QueuedJob(
                job.number(),
                job.destination().toString(),
                Selection.word(job.state()),
                job.state() instanceof State.Held(String why)
                        ? why
                        : waits.map(NotYet::reason).orElseGet(job::reason),
                route.apply(message, job),
                job.due().toString(),
                waits.map(NotYet::earliest).or(job::next).map(Object::toString).orElse(""),
                job.attempts(),
                job.waiting().stream().map(QueueEntries::recipient).toList(),
                withHistory ? job.history().stream().map(QueueEntries::event).toList() : List.of());
    }

    private static QueuedRecipient recipient(QueuedMessage.Waiting waiting) {
        return new QueuedRecipient(
                waiting.recipient().mailbox().toString(),
                waiting.last().map(outcome -> outcome.reply().toString()).orElse(""));
    }

    private static QueuedEvent event(QueuedMessage.HistoryEntry it) {
        return new QueuedEvent(it.at().toString(), it.by(), it.text());
    }
}
