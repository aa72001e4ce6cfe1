package org.posthorn.queue;

import org.posthorn.queue.state.ContentRef;
import org.posthorn.queue.state.IndexKey;
import org.posthorn.queue.state.JobKey;
import org.posthorn.queue.state.JobRecord;
import org.posthorn.queue.state.MessageKey;
import org.posthorn.queue.state.MessageRecord;
import org.posthorn.queue.state.PartitionState;
import org.posthorn.queue.state.RemovedRecord;
import org.posthorn.queue.state.Table;
import org.posthorn.queue.state.Tally;
import org.posthorn.queue.state.View;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/// What is true of the tables whenever nothing is under way: found to be false, it is a problem.
///
/// Each job has its message and one entry in one index, each message has a job and all of its
/// content, also when it is removed and can be brought back, nothing else is in these tables, and
/// the counters are what counting finds. Only in the index of parked jobs there may be entries that
/// lead nowhere: they are removed when they are read.
final class Invariants {
    private final View view;
    private final List<String> problems = new ArrayList<>();
    final Map<MessageKey, MessageRecord> messages = new LinkedHashMap<>();
    final Map<MessageKey, SortedMap<Integer, JobRecord>> jobs = new LinkedHashMap<>();
    private final Map<MessageKey, RemovedRecord> removed = new LinkedHashMap<>();
    private final List<MessageRecord> alone = new ArrayList<>();

    /// Reads the tables.
    Invariants(View view) {
        this.view = view;
        scan(
                Table.MESSAGE,
                (key, value) -> messages.put(MessageKey.of(key), MessageRecord.of(value)));
        scan(
                Table.JOB,
                (key, value) -> {
                    JobKey job = JobKey.of(key);
                    jobs.computeIfAbsent(job.message(), _ -> new TreeMap<>())
                            .put(job.number(), JobRecord.of(value));
                });
        scan(
                Table.REMOVED,
                (key, value) -> removed.put(MessageKey.of(key), RemovedRecord.of(value)));
        removed.forEach(
                (key, it) -> {
                    if (!messages.containsKey(key)) {
                        alone.add(it.message());
                    }
                });
    }

    private interface Row {
        void is(byte[] key, byte[] value);
    }

    private void scan(Table table, Row row) {
        view.scan(
                table,
                new byte[0],
                new byte[0],
                (key, value) -> {
                    row.is(key, value);
                    return true;
                });
    }

    /// Returns what is wrong.
    ///
    /// @param drafts whether large content may be under way
    List<String> problems(Tally counted, boolean drafts) {
        messages.keySet().stream()
                .filter(it -> !jobs.containsKey(it))
                .forEach(it -> problems.add("orphan: message " + it + " has no job"));
        jobs.keySet().stream()
                .filter(it -> !messages.containsKey(it))
                .forEach(it -> problems.add("orphan: jobs of " + it + " have no message"));
        indexes();
        content(drafts);
        removed();
        Tally recount = recount();
        if (!counted.equals(recount)) {
            problems.add("counters: " + counted + ", and counting finds " + recount);
        }
        return problems;
    }

    /// Returns what is in tables that should be empty.
    static List<String> leftovers(View view) {
        List<String> leftovers = new ArrayList<>();
        for (Table table : EnumSet.complementOf(EnumSet.of(Table.META, Table.ASIDE))) {
            view.scan(
                    table,
                    new byte[0],
                    new byte[0],
                    (key, _) -> leftovers.add("orphan: in " + table + ": " + hex(key)));
        }
        return leftovers;
    }

    private void indexes() {
        Map<JobKey, JobRecord> all = new HashMap<>();
        jobs.forEach(
                (message, its) -> its.forEach((n, job) -> all.put(new JobKey(message, n), job)));
        Set<JobKey> indexed = new HashSet<>();
        scan(
                Table.HELD,
                (key, _) -> {
                    JobKey job = JobKey.of(key);
                    boolean right = all.containsKey(job) && all.get(job).hold().isPresent();
                    indexed("held", indexed, job, right);
                });
        scan(
                Table.DUE,
                (key, value) -> waiting("due", indexed, all, PartitionState.due(key, value)));
        scan(
                Table.PARKED,
                (key, value) -> waiting("parked", indexed, all, PartitionState.parked(key, value)));
        all.keySet().stream()
                .filter(it -> !indexed.contains(it))
                .forEach(it -> problems.add("stuck: job " + it + " is in no index"));
    }

    private void waiting(
            String index,
            Set<JobKey> indexed,
            Map<JobKey, JobRecord> all,
            PartitionState.Waiting entry) {
        JobRecord job = all.get(entry.job());
        boolean right =
                job != null
                        && job.hold().isEmpty()
                        && job.due().equals(entry.due())
                        && job.destination().equals(entry.destination())
                        && job.priority() == entry.priority();
        indexed(index, indexed, entry.job(), right);
    }

    private void indexed(String index, Set<JobKey> indexed, JobKey job, boolean right) {
        if (!right && index.equals("parked")) {
            return;
        } else if (!right) {
            problems.add("orphan: the entry in " + index + " of job " + job + " leads nowhere");
        } else if (!indexed.add(job)) {
            problems.add("doubled: job " + job + " is in two indexes");
        }
    }

    /// What was removed has its entry in the index by its end.
    private void removed() {
        Set<ByteBuffer> fading = new HashSet<>();
        scan(Table.FADING, (key, _) -> fading.add(ByteBuffer.wrap(key)));
        removed.forEach(
                (message, it) -> {
                    if (!fading.remove(ByteBuffer.wrap(IndexKey.fading(it.until(), message)))) {
                        problems.add("stuck: removed message " + message + " never fades");
                    }
                });
        fading.forEach(it -> problems.add("orphan: fading " + hex(it.array())));
    }

    private void content(boolean drafts) {
        Set<ByteBuffer> expected = new HashSet<>();
        Stream.concat(messages.values().stream(), alone.stream())
                .forEach(
                        it -> {
                            ContentRef ref = it.content();
                            for (int chunk = ref.first(); chunk < ref.end(); chunk++) {
                                expected.add(ByteBuffer.wrap(ContentRef.key(ref.place(), chunk)));
                            }
                        });
        Set<ByteBuffer> begun = new HashSet<>();
        scan(Table.DRAFT, (key, _) -> begun.add(ByteBuffer.wrap(key)));
        if (!drafts) {
            begun.forEach(it -> problems.add("orphan: draft " + hex(it.array())));
        }
        scan(
                Table.CONTENT,
                (key, _) -> {
                    boolean draft = begun.contains(ByteBuffer.wrap(key, 0, MessageKey.LENGTH));
                    if (!expected.remove(ByteBuffer.wrap(key)) && !draft) {
                        problems.add("orphan: content " + hex(key));
                    }
                });
        expected.forEach(it -> problems.add("lost: content " + hex(it.array())));
    }

    private static String hex(byte[] key) {
        return HexFormat.of().formatHex(key);
    }

    private Tally recount() {
        List<JobRecord> all = jobs.values().stream().flatMap(it -> it.values().stream()).toList();
        return new Tally(
                messages.size(),
                all.size(),
                all.stream().filter(it -> it.hold().isPresent()).count(),
                size(messages.values()) + size(alone),
                size(alone));
    }

    private static long size(Collection<MessageRecord> messages) {
        return messages.stream().mapToLong(it -> it.content().size()).sum();
    }
}
