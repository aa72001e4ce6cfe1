package org.posthorn.queue;

import static org.assertj.core.api.Assertions.assertThat;

import org.posthorn.queue.powercut.Journal;
import org.posthorn.queue.powercut.Journal.Event;
import org.posthorn.queue.powercut.RecordedDisk;
import org.posthorn.queue.powercut.Recorder;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;

/// A queue under load, with all that it did to its disk: to be cut at any point.
///
/// Its directory holds `before`, the disk as it was; `disk`, as the process left it; `promised`,
/// the notes from before; and `journal`.
final class Recording {
    private static final String STORE = "queue";

    private final Path directory;
    private Journal journal = new Journal(new byte[0], List.of());
    private RecordedDisk disk;
    private Promises promises;
    private int played;

    /// A power cut.
    ///
    /// @param seed chooses the rest, and what survives
    /// @param at how many events happened before it
    record Cut(long seed, int at) {}

    private Recording(Path directory) {
        this.directory = directory;
    }

    /// Makes one that begins with an empty disk.
    static Recording fresh(Path directory) throws IOException {
        Files.createDirectories(directory.resolve("before"));
        Files.createDirectories(directory.resolve("disk"));
        Files.createFile(directory.resolve("promised"));
        return new Recording(directory);
    }

    /// Reads one that was kept.
    static Recording kept(Path directory) throws IOException {
        Recording recording = new Recording(directory);
        recording.journal = Journal.read(directory.resolve("journal"));
        return recording;
    }

    /// Makes one that begins with what a cut leaves of this one.
    Recording goOn(Path where, long seed) throws IOException {
        Cut cut = cuts(seed, 1).getFirst();
        rewind(cut.at());
        disk.cut(where.resolve("before"), survival(cut));
        disk.cut(where.resolve("disk"), survival(cut));
        Files.write(where.resolve("promised"), notes(cut.at()));
        return new Recording(where);
    }

    void record(Recorder recorder, long seed, int messages, String synced) throws Exception {
        record(recorder, seed, messages, synced, false);
    }

    /// Records with a disk that says that it has synced, and has not.
    void recordLies(Recorder recorder, long seed, int messages) throws Exception {
        record(recorder, seed, messages, "synced", true);
    }

    private void record(Recorder recorder, long seed, int messages, String synced, boolean lies)
            throws Exception {
        Path root = directory.resolve("disk").toRealPath();
        Path notes = directory.toRealPath().resolve("notes");
        journal =
                recorder.run(
                        new Recorder.Recording(root, directory.resolve("journal"), notes, lies),
                        KillTest.classPath(),
                        LoadedQueue.class.getName(),
                        root.resolve(STORE).toString(),
                        notes.toString(),
                        String.valueOf(seed),
                        String.valueOf(messages),
                        "n" + seed + "-",
                        synced,
                        seed % 2 == 0 ? "closed" : "halted");
    }

    /// Checks that nothing was done to the disk unseen: the journal makes the disk.
    void checkComplete() throws IOException {
        rewind(journal.events().size());
        Path played = directory.resolve("played");
        disk.present(played);
        assertThat(files(played)).isEqualTo(files(directory.resolve("disk")));
    }

    private static Map<String, Integer> files(Path directory) throws IOException {
        Map<String, Integer> files = new TreeMap<>();
        try (Stream<Path> tree = Files.walk(directory)) {
            for (Path file : tree.filter(Files::isRegularFile).toList()) {
                String name = directory.relativize(file).toString();
                // RocksDB's own diary, which nobody reads back.
                if (!name.startsWith(STORE + "/LOG")) {
                    files.put(name, Arrays.hashCode(Files.readAllBytes(file)));
                }
            }
        }
        return files;
    }

    /// Chooses cuts, in the order of the journal: half of them anywhere, half right behind
    /// something that matters.
    List<Cut> cuts(long firstSeed, int count) {
        int events = journal.events().size();
        List<Integer> corners = new ArrayList<>();
        for (int at = 0; at < events; at++) {
            if ("SRUDM".indexOf(journal.events().get(at).kind()) >= 0) {
                corners.add(at);
            }
        }
        List<Cut> cuts = new ArrayList<>();
        for (long seed = firstSeed; seed < firstSeed + count; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            int at =
                    random.nextBoolean() || corners.isEmpty()
                            ? random.nextInt(events + 1)
                            : corners.get(random.nextInt(corners.size())) + random.nextInt(2);
            cuts.add(new Cut(seed, at));
        }
        cuts.sort(Comparator.comparingInt(Cut::at));
        return cuts;
    }

    private static SplittableRandom survival(Cut cut) {
        return new SplittableRandom(~cut.seed());
    }

    /// Rebuilds the disk as a cut leaves it, and opens the queue there.
    ///
    /// @return what is not as it was promised
    List<String> play(Cut cut, Path into) throws IOException, InterruptedException {
        if (disk == null || cut.at() < played) {
            rewind(0);
        }
        forward(cut.at());
        disk.cut(into, survival(cut));
        return new CutCheck(promises).problems(into.resolve(STORE));
    }

    private void rewind(int to) throws IOException {
        disk = new RecordedDisk(journal, directory.resolve("before"));
        promises = new Promises();
        played = 0;
        Files.readAllLines(directory.resolve("promised")).forEach(promises::note);
        forward(to);
    }

    private void forward(int to) {
        while (played < to) {
            Event event = journal.events().get(played++);
            disk.play(event);
            if (event.kind() == 'N') {
                promises.note(journal.text(event));
            }
        }
    }

    private List<String> notes(int before) {
        return journal.events().subList(0, before).stream()
                .filter(it -> it.kind() == 'N')
                .map(it -> journal.text(it).strip())
                .toList();
    }

    /// Copies what is needed to play a cut again.
    Path keep(Path where) throws IOException {
        Recorder.remove(where);
        Files.createDirectories(where);
        try (Stream<Path> tree = Files.walk(directory.resolve("before"))) {
            for (Path path : tree.toList()) {
                Files.copy(path, where.resolve(directory.relativize(path).toString()));
            }
        }
        Files.copy(directory.resolve("promised"), where.resolve("promised"));
        Files.copy(directory.resolve("journal"), where.resolve("journal"));
        return where;
    }

    String summary() throws IOException {
        rewind(journal.events().size());
        return journal.events().size()
                + " events, "
                + promises.acknowledged()
                + " messages acknowledged";
    }
}
