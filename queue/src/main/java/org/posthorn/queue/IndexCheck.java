package org.posthorn.queue;

import org.posthorn.queue.Finding.Kind;
import org.posthorn.queue.scan.Rows;
import org.posthorn.queue.scan.Rows.Gap;
import org.posthorn.queue.state.CorruptRecordException;
import org.posthorn.queue.state.Edit;
import org.posthorn.queue.state.IndexKey;
import org.posthorn.queue.state.JobKey;
import org.posthorn.queue.state.JobRecord;
import org.posthorn.queue.state.MessageKey;
import org.posthorn.queue.state.PartitionState;
import org.posthorn.queue.state.PartitionState.Waiting;
import org.posthorn.queue.state.RemovedJob;
import org.posthorn.queue.state.RemovedKey;
import org.posthorn.queue.state.RemovedMessage;
import org.posthorn.queue.state.Table;
import org.posthorn.queue.state.View;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/// Checks that jobs and indexes lead to each other, by looking up for each what the other must be.
final class IndexCheck {
    private final View view;
    private final Consumer<Finding> findings;

    IndexCheck(View view, Consumer<Finding> findings) {
        this.view = view;
        this.findings = findings;
    }

    /// Reads everything.
    ///
    /// @param gaps is told of what cannot be read in the indexes: jobs and messages are somebody
    /// else's
    void run(Consumer<Rows.Gap> gaps) {
        each(new Rows(view, Table.JOB, _ -> {}), _ -> {}, this::job);
        each(new Rows(view, Table.REMOVED, _ -> {}), _ -> {}, this::removed);
        Consumer<Finding> wrong = findings;
        each(new Rows(view, Table.HELD, gaps), wrong, this::held);
        each(new Rows(view, Table.DUE, gaps), wrong, this::due);
        each(
                new Rows(view, Table.PARKED, gaps),
                wrong,
                row -> PartitionState.parked(row.key(), row.value()));
        each(new Rows(view, Table.FADING, gaps), wrong, this::fading);
    }

    private static void each(Rows rows, Consumer<Finding> wrong, Consumer<Rows.Row> look) {
        for (var row = rows.next(); row.isPresent(); row = rows.next()) {
            try {
                look.accept(row.get());
            } catch (CorruptRecordException e) {
                wrong.accept(
                        new Finding(
                                Kind.UNREADABLE,
                                row.get().table() + " " + Gap.place(row.get().key()),
                                String.valueOf(e.getMessage())));
            }
        }
    }

    private void job(Rows.Row row) {
        JobKey key = JobKey.of(row.key());
        JobRecord job = JobRecord.of(row.value());
        Edit.Put indexed = PartitionState.indexed(key, job);
        int entries = has(indexed.table(), indexed.key()) ? 1 : 0;
        if (job.hold().isEmpty()) {
            entries += parked(key, job, IndexKey.group(job.destination()));
            entries += parked(key, job, IndexKey.group(job.source()));
        }
        if (entries == 0) {
            say(Kind.STUCK, "job " + key, "it is in no index");
        } else if (entries > 1) {
            say(Kind.DOUBLED, "job " + key, "it is in two indexes");
        }
    }

    private int parked(JobKey key, JobRecord job, String group) {
        return has(Table.PARKED, IndexKey.parked(group, job.turn(), key)) ? 1 : 0;
    }

    private void removed(Rows.Row row) {
        if (row.key().length == MessageKey.LENGTH) {
            MessageKey key = MessageKey.of(row.key());
            Optional<RemovedMessage.Folded> folded = RemovedMessage.of(row.value()).folded();
            if (folded.filter(it -> !has(Table.FADING, IndexKey.folded(it.until(), key)))
                    .isPresent()) {
                say(Kind.STUCK, "removed message " + key, "nothing says when it is gone for good");
            }
            return;
        }
        RemovedKey key = RemovedKey.of(row.key());
        IndexKey.Fading entry = new IndexKey.Fading(RemovedJob.of(row.value()).until(), key);
        if (!has(Table.FADING, entry.octets())) {
            say(Kind.STUCK, "removed job " + key, "nothing says when it is gone for good");
        }
    }

    private void held(Rows.Row row) {
        JobKey key = JobKey.of(row.key());
        entry(row, key, job(key).filter(it -> it.hold().isPresent()).isPresent());
    }

    private void due(Rows.Row row) {
        Waiting entry = PartitionState.due(row.key(), row.value());
        boolean right =
                job(entry.job())
                        .filter(it -> it.hold().isEmpty())
                        .filter(it -> it.due().equals(entry.due()))
                        .filter(it -> it.destination().equals(entry.destination()))
                        .filter(it -> it.priority() == entry.priority())
                        .isPresent();
        entry(row, entry.job(), right);
    }

    private Optional<JobRecord> job(JobKey key) {
        return lookUp(Table.JOB, key.octets(), JobRecord::of);
    }

    private void entry(Rows.Row row, JobKey key, boolean right) {
        if (!right) {
            say(Kind.ORPHAN, "entry of job " + key + " in " + row.table(), "it leads nowhere");
        }
    }

    private void fading(Rows.Row row) {
        if (row.key().length == Long.BYTES + MessageKey.LENGTH) {
            folded(row);
            return;
        }
        IndexKey.Fading entry = IndexKey.fading(row.key());
        boolean right =
                lookUp(Table.REMOVED, entry.removed().octets(), RemovedJob::of)
                        .filter(it -> it.until().equals(entry.until()))
                        .isPresent();
        if (!right) {
            say(
                    Kind.ORPHAN,
                    "entry of removed job " + entry.removed() + " in FADING",
                    "it leads nowhere");
        }
    }

    private void folded(Rows.Row row) {
        byte[] octets = Arrays.copyOfRange(row.key(), Long.BYTES, row.key().length);
        MessageKey message = MessageKey.of(octets);
        boolean right =
                lookUp(Table.REMOVED, octets, RemovedMessage::of)
                        .flatMap(RemovedMessage::folded)
                        .filter(
                                it ->
                                        Arrays.equals(
                                                IndexKey.folded(it.until(), message), row.key()))
                        .isPresent();
        if (!right) {
            say(
                    Kind.ORPHAN,
                    "entry of removed message " + message + " in FADING",
                    "it leads nowhere");
        }
    }

    private <T> Optional<T> lookUp(Table table, byte[] key, Function<byte[], T> reader) {
        try {
            return view.get(table, key).map(reader);
        } catch (CorruptRecordException _) {
            return Optional.empty();
        }
    }

    private boolean has(Table table, byte[] key) {
        return lookUp(table, key, it -> it).isPresent();
    }

    private void say(Kind kind, String subject, String problem) {
        findings.accept(new Finding(kind, subject, problem));
    }
}
