package org.posthorn.queue;

import org.posthorn.queue.state.ContentRef;
import org.posthorn.queue.state.IndexKey;
import org.posthorn.queue.state.JobKey;
import org.posthorn.queue.state.JobRecord;
import org.posthorn.queue.state.MessageKey;
import org.posthorn.queue.state.MessageRecord;
import org.posthorn.queue.state.PartitionState;
import org.posthorn.queue.state.Table;
import org.posthorn.queue.state.Tally;
import org.posthorn.queue.state.View;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// What is true of the tables whenever nothing is under way: found to be false, it is a problem.
///
/// Each job has its message and one entry in one index, each message has a job and all of its
/// content, nothing else is in these tables, and the counters are what counting finds. Only in the
/// index of parked jobs there may be entries that lead nowhere: they are removed when they are
/// read.
final class Invariants {
    private final View view;
    private final List<String> problems = new ArrayList<>();
    final SortedMap<MessageKey, MessageRecord> messages = new TreeMap<>();
    final SortedMap<MessageKey, SortedMap<Integer, JobRecord>> jobs = new TreeMap<>();

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

    private void content(boolean drafts) {
        Set<String> expected = new HashSet<>();
        messages.values()
                .forEach(
                        it -> {
                            ContentRef ref = it.content();
                            for (int chunk = ref.first(); chunk < ref.end(); chunk++) {
                                expected.add(hex(ContentRef.key(ref.place(), chunk)));
                            }
                        });
        Set<String> begun = new HashSet<>();
        scan(Table.DRAFT, (key, _) -> begun.add(hex(key)));
        if (!drafts) {
            begun.forEach(it -> problems.add("orphan: draft " + it));
        }
        scan(
                Table.CONTENT,
                (key, _) -> {
                    String chunk = hex(key);
                    boolean draft = begun.contains(chunk.substring(0, 2 * MessageKey.LENGTH));
                    if (!expected.remove(chunk) && !draft) {
                        problems.add("orphan: content " + chunk);
                    }
                });
        expected.forEach(it -> problems.add("lost: content " + it));
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
                messages.values().stream()
                        .collect(Collectors.summingLong(it -> it.content().size())),
                0);
    }
}
