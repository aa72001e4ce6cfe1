package org.posthorn.queue;

import org.posthorn.api.mail.MessageId;
import org.posthorn.api.mail.Priority;
import org.posthorn.queue.PortableMessage.PortableJob;
import org.posthorn.queue.QueuedMessage.HistoryEntry;
import org.posthorn.queue.state.ContentRef;
import org.posthorn.queue.state.Entry;
import org.posthorn.queue.state.JobRecord;
import org.posthorn.queue.state.MessageRecord;
import org.posthorn.queue.state.Note;

import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// Turns records into what another queue takes, and back.
final class Portage {
    private Portage() {}

    /// Returns a message with some of its jobs.
    ///
    /// @param numbers which
    static PortableMessage of(
            MessageId id,
            MessageRecord message,
            SortedMap<Integer, JobRecord> jobs,
            Set<Integer> numbers) {
        return new PortableMessage(
                id,
                message.envelope(),
                message.acceptedAt(),
                message.metadata(),
                jobs.entrySet().stream()
                        .filter(it -> numbers.contains(it.getKey()))
                        .map(it -> of(it.getKey(), it.getValue()))
                        .toList());
    }

    private static PortableJob of(int number, JobRecord job) {
        return new PortableJob(
                number,
                new Destination(job.destination()),
                job.due(),
                job.attempts(),
                job.hold(),
                job.waiting().stream()
                        .map(it -> new PortableMessage.Waiting(it.recipient(), it.last()))
                        .toList(),
                Mark.of(job.marks()),
                job.orders().route(),
                job.orders().bounce(),
                job.notes().stream()
                        .map(it -> new HistoryEntry(it.at(), it.by(), it.text()))
                        .toList());
    }

    /// Returns the message's record.
    ///
    /// @param content where its content stands now
    static MessageRecord message(PortableMessage it, ContentRef content) {
        int jobs = it.jobs().stream().mapToInt(PortableJob::number).max().orElseThrow() + 1;
        return new MessageRecord(it.envelope(), it.acceptedAt(), it.metadata(), content, jobs);
    }

    /// Returns the jobs' records, each with one more note.
    static SortedMap<Integer, JobRecord> jobs(PortableMessage message, Note note) {
        String source = Entry.source(message.envelope(), message.metadata());
        int priority = Priority.of(message.envelope().parameters());
        SortedMap<Integer, JobRecord> jobs = new TreeMap<>();
        for (PortableJob it : message.jobs()) {
            jobs.put(it.number(), job(it, priority, source).noted(note));
        }
        return jobs;
    }

    private static JobRecord job(PortableJob job, int priority, String source) {
        List<Note> notes =
                job.history().stream().map(it -> new Note(it.at(), it.by(), it.text())).toList();
        return new JobRecord(
                job.destination().domain(),
                job.due(),
                job.attempts(),
                job.hold(),
                job.waiting().stream()
                        .map(it -> new JobRecord.Waiting(it.recipient(), it.last()))
                        .toList(),
                Mark.bits(job.marks()),
                priority,
                source,
                new JobRecord.Orders(job.route(), job.bounce()),
                notes);
    }
}
