package org.posthorn.queue.powercut;

import org.posthorn.queue.powercut.Journal.Event;
import org.posthorn.queue.powercut.RecordedFile.Change;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/// A disk that knows what was synced: a journal is played to it, and at any point it can be
/// rebuilt as a power cut there would leave it.
///
/// It promises what POSIX does and no more. A file's sync keeps what was written to the file before
/// it began, and nothing of its name; a directory's sync keeps the names that were in it. Of all
/// else any part may be there: see [Survival].
public final class RecordedDisk {
    private final Journal journal;
    private final Map<Integer, RecordedFile> files = new HashMap<>();
    private final Map<Integer, String> directories = new HashMap<>();
    private final Map<Long, Integer> syncs = new HashMap<>();
    private final Map<String, RecordedFile> present = new TreeMap<>();
    private final Map<String, RecordedFile> durable = new TreeMap<>();
    private final List<Naming> namings = new ArrayList<>();
    private int played;

    /// A change of names, all of it or nothing.
    ///
    /// @param at which event
    /// @param names what each path leads to from now on, if to anything
    private record Naming(int at, Map<String, Optional<RecordedFile>> names) {
        boolean isIn(String directory) {
            return names.keySet().stream().anyMatch(it -> parent(it).equals(directory));
        }

        boolean isOf(String name) {
            return names.keySet().stream().anyMatch(it -> it.contains(name));
        }
    }

    /// Makes a disk that holds what is in a directory, all of it durable.
    public RecordedDisk(Journal journal, Path before) throws IOException {
        this.journal = journal;
        try (Stream<Path> tree = Files.walk(before)) {
            for (Path path : tree.filter(it -> !it.equals(before)).toList()) {
                RecordedFile file =
                        Files.isDirectory(path)
                                ? RecordedFile.directory()
                                : new RecordedFile(Files.readAllBytes(path));
                present.put(before.relativize(path).toString(), file);
            }
        }
        durable.putAll(present);
    }

    /// Plays one more event.
    public void play(Event event) {
        int at = played++;
        switch (event.kind()) {
            case 'O' -> open(at, event);
            case 'C' -> {
                files.remove(event.handle());
                directories.remove(event.handle());
            }
            case 'W', 'T', 'E', 'Z' -> file(event).add(new Change(at, event));
            case 'B' -> syncs.put(event.number(), at);
            case 'S' -> sync(event, Objects.requireNonNull(syncs.remove(event.number())));
            case 'M' -> name(at, path(event), Optional.of(RecordedFile.directory()));
            case 'U', 'D' -> name(at, path(event), Optional.empty());
            case 'R' -> rename(at, journal.text(event).split("\0", -1));
            case 'L' -> {
                String[] paths = journal.text(event).split("\0", -1);
                name(at, normal(paths[1]), Optional.of(at(normal(paths[0]))));
            }
            case 'N' -> {}
            default ->
                    throw new IllegalStateException(
                            "it cannot be recorded: " + journal.text(event));
        }
    }

    private void open(int at, Event event) {
        String path = path(event);
        if ((event.number() & 4) != 0) {
            directories.put(event.handle(), path);
            return;
        }
        if ((event.number() & 1) != 0) {
            name(at, path, Optional.of(new RecordedFile(new byte[0])));
        }
        RecordedFile file = at(path);
        files.put(event.handle(), file);
        if ((event.number() & 2) != 0) {
            file.add(new Change(at, new Event('T', 0, 0, 0, 0)));
        }
    }

    private RecordedFile file(Event event) {
        return Objects.requireNonNull(files.get(event.handle()), "a file that was not opened");
    }

    private RecordedFile at(String path) {
        return Objects.requireNonNull(present.get(path), path);
    }

    private void sync(Event event, int begun) {
        String directory = directories.get(event.handle());
        if (directory == null) {
            file(event).sync(begun, journal.octets());
            return;
        }
        namings.removeIf(
                it -> {
                    boolean now = it.at() < begun && it.isIn(directory);
                    if (now) {
                        apply(it.names(), durable);
                    }
                    return now;
                });
    }

    private void rename(int at, String[] paths) {
        String from = normal(paths[0]);
        Map<String, Optional<RecordedFile>> names = new TreeMap<>();
        names.put(normal(paths[1]), Optional.of(at(from)));
        names.put(from, Optional.empty());
        name(new Naming(at, names));
    }

    private void name(int at, String path, Optional<RecordedFile> file) {
        name(new Naming(at, Map.of(path, file)));
    }

    private void name(Naming naming) {
        namings.add(naming);
        apply(naming.names(), present);
    }

    private static void apply(
            Map<String, Optional<RecordedFile>> names, Map<String, RecordedFile> to) {
        names.forEach(
                (path, file) ->
                        file.ifPresentOrElse(it -> to.put(path, it), () -> to.remove(path)));
    }

    private String path(Event event) {
        return normal(journal.text(event));
    }

    private static String normal(String path) {
        return Path.of(path).normalize().toString();
    }

    private static String parent(String path) {
        int slash = path.lastIndexOf('/');
        return slash < 0 ? "" : path.substring(0, slash);
    }

    /// Writes the disk as it is now, with all that was written, synced or not.
    public void present(Path into) throws IOException {
        write(into, present, (_, it) -> it.present(journal.octets()));
    }

    /// Writes the disk as a cut at this point may leave it.
    ///
    /// RocksDB syncs a directory once for a new manifest's name and for that of the file that leads
    /// to it, so it relies on these two to become durable in order, as the file systems do that
    /// keep a journal.
    public void cut(Path into, RandomGenerator random) throws IOException {
        Survival survival = Survival.random(random, played);
        Map<String, RecordedFile> names = new TreeMap<>(durable);
        boolean manifestLost = false;
        for (Naming naming : namings) {
            if (survival.named(naming.at()) && !(manifestLost && naming.isOf("CURRENT"))) {
                apply(naming.names(), names);
            } else {
                manifestLost |= naming.isOf("MANIFEST-");
            }
        }
        write(
                into,
                names,
                (path, it) ->
                        it.after(
                                isManifest(path) ? survival.inOrder() : survival,
                                journal.octets()));
    }

    /// RocksDB reads its manifest up to its end, whatever of the end is missing, but refuses to
    /// open when a sector is missing before one that is there.
    private static boolean isManifest(String path) {
        return path.contains("MANIFEST-");
    }

    private interface Contents {
        byte[] of(String path, RecordedFile file);
    }

    private static void write(Path into, Map<String, RecordedFile> names, Contents contents)
            throws IOException {
        Files.createDirectories(into);
        try {
            names.forEach(
                    (path, file) -> {
                        boolean lost = !parent(path).isEmpty() && !names.containsKey(parent(path));
                        if (!lost) {
                            write(into.resolve(path), file, contents.of(path, file));
                        }
                    });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static void write(Path to, RecordedFile file, byte[] octets) {
        try {
            if (file.isDirectory()) {
                Files.createDirectory(to);
            } else {
                Files.write(to, octets);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
