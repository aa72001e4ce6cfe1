package org.posthorn.queue;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.queue.powercut.Recorder;
import org.posthorn.queue.state.CorruptRecordException;
import org.posthorn.queue.state.StoreFailedException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// The power is cut at arbitrary moments of a queue under load, and the disk keeps what was synced
/// and any part of the rest: no acknowledged message is lost, nothing that was settled comes back,
/// no bounce is lost or doubled, no job is stuck, nothing is left that belongs to nothing.
///
/// A recording is made once ([LoadedQueue], by `recorder.c`) and cut many times, each cut by a
/// seed. A recording with a cut that fails is kept, and the failure says how to play it again.
@Timeout(300)
@EnabledOnOs(OS.LINUX)
class PowerCutTest {
    private static final String KEPT = "posthorn.powercut.kept";
    private static final String CUT = "posthorn.powercut.cut";
    private static final int CUTS = 100;
    private static final int MOST_SHOWN = 5;

    @TempDir static Path compiled;

    @TempDir(factory = Memory.class)
    Path directory;

    private static Recorder recorder;

    /// Disks are rebuilt in memory where it can be used as a disk: what they are in does not
    /// matter, and it has nothing to sync.
    static final class Memory implements TempDirFactory {
        private static final Path SHARED = Path.of("/dev/shm");

        @Override
        public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext extension)
                throws IOException {
            String prefix = "posthorn-powercut";
            return Files.isWritable(SHARED) && SHARED.toFile().getUsableSpace() > 256 << 20
                    ? Files.createTempDirectory(SHARED, prefix)
                    : Files.createTempDirectory(prefix);
        }
    }

    @BeforeAll
    static void compile() throws Exception {
        recorder = Recorder.compile(compiled);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void keepsAllPromisesThroughPowerCutsUnderLoad(long seed) throws Exception {
        Recording recording = Recording.fresh(directory.resolve("fresh"));
        recording.record(recorder, seed, 400, "synced");
        recording.checkComplete();
        assertThat(problems(recording, seed, CUTS)).isEmpty();
    }

    /// The second recording begins on what a cut has left of the first: it opens the store, sweeps
    /// it and goes on.
    @ParameterizedTest
    @ValueSource(longs = {5, 6})
    void keepsAllPromisesThroughPowerCutsWhileItStarts(long seed) throws Exception {
        Recording first = Recording.fresh(directory.resolve("first"));
        first.record(recorder, seed, 150, "synced");
        Recording second = first.goOn(directory.resolve("second"), seed);
        second.record(recorder, seed + 100, 20, "synced");
        assertThat(problems(second, seed, CUTS)).isEmpty();
    }

    @Test
    void findsWhatAStoreWithoutSyncLoses() throws Exception {
        Recording recording = Recording.fresh(directory.resolve("unsynced"));
        recording.record(recorder, 7, 200, "unsynced");
        assertThat(lost(recording)).isNotEmpty();
    }

    @Test
    void findsWhatADiskThatLiesLoses() throws Exception {
        Recording recording = Recording.fresh(directory.resolve("lies"));
        recording.recordLies(recorder, 8, 200);
        assertThat(lost(recording)).isNotEmpty();
    }

    private List<String> lost(Recording recording) throws Exception {
        return cut(recording, 7, 150).values().stream()
                .flatMap(List::stream)
                .filter(it -> it.startsWith("lost: message"))
                .toList();
    }

    /// Plays a cut of a kept recording again, where the system properties name one.
    @TestFactory
    Stream<DynamicTest> playsAKeptCutAgain() {
        return Stream.ofNullable(System.getProperty(KEPT))
                .map(kept -> DynamicTest.dynamicTest(kept, () -> playAgain(Path.of(kept))));
    }

    private void playAgain(Path directory) throws Exception {
        Recording kept = Recording.kept(directory);
        Recording.Cut cut = kept.cuts(Long.getLong(CUT), 1).getFirst();
        assertThat(kept.play(cut, this.directory.resolve("cut"))).isEmpty();
    }

    private Map<Long, List<String>> problems(Recording recording, long seed, int cuts)
            throws Exception {
        Map<Long, List<String>> problems = cut(recording, seed, cuts);
        if (!problems.isEmpty()) {
            Path kept = recording.keep(Path.of("target", "powercut", String.valueOf(seed)));
            System.out.println(
                    "To play one again: -Dtest=PowerCutTest -D"
                            + KEPT
                            + "="
                            + kept.toAbsolutePath()
                            + " -D"
                            + CUT
                            + "="
                            + problems.keySet().iterator().next());
        }
        return problems;
    }

    /// What a disk that lies has lost may be what the store itself needs.
    private static List<String> play(Recording recording, Recording.Cut cut, Path disk)
            throws Exception {
        try {
            return recording.play(cut, disk);
        } catch (StoreFailedException | CorruptRecordException e) {
            return List.of("unreadable: " + e.getMessage());
        }
    }

    private Map<Long, List<String>> cut(Recording recording, long seed, int cuts) throws Exception {
        long begun = System.nanoTime();
        Map<Long, List<String>> problems = new TreeMap<>();
        for (Recording.Cut cut : recording.cuts(seed * 1000, cuts)) {
            Path disk = directory.resolve("cut");
            List<String> its = play(recording, cut, disk);
            if (!its.isEmpty()) {
                problems.put(cut.seed(), its.stream().limit(MOST_SHOWN).toList());
            }
            Recorder.remove(disk);
        }
        System.out.printf(
                "power cuts %d to %d: %s, %d ms%n",
                seed * 1000,
                seed * 1000 + cuts - 1,
                recording.summary(),
                (System.nanoTime() - begun) / 1_000_000);
        return problems;
    }
}
