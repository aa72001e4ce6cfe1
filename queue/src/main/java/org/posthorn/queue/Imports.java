package org.posthorn.queue;

import org.posthorn.api.intake.QueueUnavailableException;
import org.posthorn.api.mail.Content;
import org.posthorn.api.mail.MessageId;
import org.posthorn.queue.log.ChunkSink;
import org.posthorn.queue.log.QueueLog;
import org.posthorn.queue.state.ContentRef;
import org.posthorn.queue.state.Entry.Body;
import org.posthorn.queue.state.JobKey;
import org.posthorn.queue.state.JobRecord;
import org.posthorn.queue.state.MessageKey;
import org.posthorn.queue.state.Note;
import org.posthorn.queue.state.StateBatch;
import org.posthorn.queue.state.StateBatch.Change;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.CompletionStage;

/// Takes in messages that come from other queues, with all that happened to them there: one at a
/// time. Calls wait for the disk.
final class Imports {
    private static final int CHUNK = 256 << 10;

    private final QueueLog log;
    private final Records records;
    private final Dispatch dispatch;
    private final Turns turns;
    private final InstantSource clock;
    private final Interventions.Commit commit;

    Imports(
            QueueLog log,
            Dispatch dispatch,
            Turns turns,
            InstantSource clock,
            Interventions.Commit commit) {
        this.log = log;
        this.records = new Records(log.view());
        this.dispatch = dispatch;
        this.turns = turns;
        this.clock = clock;
        this.commit = commit;
    }

    /// Takes a message in by one synced write.
    ///
    /// @param renamed whether it gets a new id in any case
    /// @return its id here; nothing when a message of its id is here already
    /// @throws IOException when its content cannot be read; then nothing of it is here
    /// @throws UncheckedIOException when the queue cannot be written
    synchronized Optional<MessageId> take(
            PortableMessage message, Content content, boolean renamed, Operation.By by)
            throws IOException {
        admit(content.size());
        Optional<MessageKey> wanted = renamed ? Optional.empty() : MessageKey.of(message.id());
        int partition =
                Math.floorMod(
                        message.jobs().getFirst().destination().domain().hashCode(),
                        log.partitions());
        MessageKey key = log.key(wanted, partition);
        if (records.isKnown(key) || records.hasContent(key)) {
            return Optional.empty();
        }
        Body body =
                content.size() > BufferedDraft.WHOLE
                        ? streamed(content, log.openLarge(key))
                        : whole(content);
        return Optional.of(Failures.await(turns.take(key, () -> now(key, message, body, by))).id());
    }

    private void admit(long size) {
        try {
            log.admit(size);
        } catch (QueueUnavailableException e) {
            throw new UncheckedIOException(
                    new IOException("the queue takes no mail now: " + e.getMessage(), e));
        }
    }

    private CompletionStage<MessageKey> now(
            MessageKey key, PortableMessage message, Body body, Operation.By by) {
        String from = key.id().equals(message.id()) ? "" : " as " + message.id();
        String why = by.why().isEmpty() ? "" : " (" + by.why() + ")";
        Note note =
                new Note(
                        clock.instant().truncatedTo(ChronoUnit.MILLIS),
                        by.who(),
                        "imported" + from + why);
        SortedMap<Integer, JobRecord> jobs = Portage.jobs(message, note);
        Change imported =
                new Change.Imported(key, Portage.message(message, body.content(key)), jobs, body);
        return commit.commit(key.partition(), StateBatch.of(List.of(imported)))
                .thenApply(
                        _ -> {
                            jobs.forEach(
                                    (number, job) ->
                                            dispatch.arrived(new JobKey(key, number), job));
                            return key;
                        });
    }

    private static Body whole(Content content) throws IOException {
        try (InputStream in = content.open()) {
            byte[] octets = in.readNBytes((int) content.size());
            checkEnd(content.size() - octets.length, in);
            return new Body.Whole(octets);
        }
    }

    private static Body streamed(Content content, ChunkSink sink) throws IOException {
        boolean whole = false;
        try (InputStream in = content.open()) {
            long left = content.size();
            while (left > 0) {
                byte[] chunk = in.readNBytes((int) Math.min(CHUNK, left));
                left -= chunk.length;
                if (chunk.length == 0) {
                    break;
                }
                Failures.await(sink.write(chunk).toCompletableFuture());
            }
            checkEnd(left, in);
            ContentRef written = sink.written();
            whole = true;
            return new Body.Streamed(new byte[0], written);
        } finally {
            if (!whole) {
                sink.drop();
            }
        }
    }

    private static void checkEnd(long left, InputStream in) throws IOException {
        if (left > 0) {
            throw new IOException("its content ends " + left + " octets too early");
        }
        if (in.read() >= 0) {
            throw new IOException("its content goes on behind its end");
        }
    }
}
