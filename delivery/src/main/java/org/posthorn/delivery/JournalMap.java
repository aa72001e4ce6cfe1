package org.posthorn.delivery;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A small map of lines that survives a restart. Safe for use by many threads.
///
/// Its file is a journal: a line per change, the last one about a key counts, and it is written
/// anew where there are twice as many lines as entries. It is not synced: what the last seconds
/// before a power cut changed may be lost, and a line that was cut off is dropped. Beyond the
/// bound, the entries go that were not put for longest. Where the disk fails, the map goes on in
/// memory, and the log says so.
final class JournalMap implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(JournalMap.class);
    private static final int SLACK = 1_000;

    private final Optional<Path> file;
    private final int bound;
    private final LinkedHashMap<String, String> entries = new LinkedHashMap<>();
    private Optional<FileChannel> journal = Optional.empty();
    private int lines;

    private JournalMap(Optional<Path> file, int bound) {
        this.file = file;
        this.bound = bound;
    }

    /// Opens a file, or begins one.
    ///
    /// @param bound the most entries
    /// @throws IOException when it cannot be read or written; the message names it
    static JournalMap open(Path file, int bound) throws IOException {
        JournalMap map = read(file, bound, Optional.of(file));
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            map.rewrite(file);
            return map;
        } catch (IOException e) {
            throw new IOException(file + " cannot be written: " + e, e);
        }
    }

    /// Reads a file, and never writes it.
    ///
    /// @throws IOException when it is there and cannot be read; the message names it
    static JournalMap look(Path file, int bound) throws IOException {
        return read(file, bound, Optional.empty());
    }

    /// Makes one that forgets everything in the end.
    static JournalMap inMemory(int bound) {
        return new JournalMap(Optional.empty(), bound);
    }

    private static JournalMap read(Path file, int bound, Optional<Path> written)
            throws IOException {
        JournalMap map = new JournalMap(written, bound);
        try {
            String text = Files.readString(file, StandardCharsets.ISO_8859_1);
            int whole = text.lastIndexOf('\n') + 1;
            text.substring(0, whole).lines().forEach(map::read);
            return map;
        } catch (NoSuchFileException _) {
            return map;
        } catch (IOException e) {
            throw new IOException(file + " cannot be read: " + e, e);
        }
    }

    private void read(String line) {
        int tab = line.indexOf('\t');
        if (tab > 0) {
            enter(line.substring(0, tab), line.substring(tab + 1));
        }
    }

    private void enter(String key, String value) {
        entries.remove(key);
        if (!value.isEmpty()) {
            entries.put(key, value);
        }
        if (entries.size() > bound) {
            entries.pollFirstEntry();
        }
    }

    synchronized Optional<String> find(String key) {
        return Optional.ofNullable(entries.get(key));
    }

    synchronized int size() {
        return entries.size();
    }

    /// Returns all entries, the one that was put last first.
    synchronized List<Map.Entry<String, String>> all() {
        List<Map.Entry<String, String>> all = new ArrayList<>(List.copyOf(entries.entrySet()));
        Collections.reverse(all);
        return all;
    }

    /// Puts an entry.
    ///
    /// @param key ASCII without control characters, such as a domain
    /// @param value ASCII without line ends, not empty
    synchronized void put(String key, String value) {
        enter(key, value);
        append(key, value);
    }

    /// Removes an entry, and tells whether there was one.
    synchronized boolean remove(String key) {
        boolean was = entries.containsKey(key);
        if (was) {
            enter(key, "");
            append(key, "");
        }
        return was;
    }

    private void append(String key, String value) {
        if (file.isEmpty()) {
            return;
        }
        try {
            if (journal.isEmpty() || lines > 2 * entries.size() + SLACK) {
                rewrite(file.get());
            } else {
                write(journal.get(), line(key, value));
                lines++;
            }
        } catch (IOException e) {
            LOG.warn(
                    "{} cannot be written; what changed is known until the next start",
                    file.get(),
                    e);
            shut();
        }
    }

    private void rewrite(Path to) throws IOException {
        shut();
        StringBuilder text = new StringBuilder();
        entries.forEach((key, value) -> text.append(line(key, value)));
        Path fresh = to.resolveSibling(to.getFileName() + ".new");
        try (FileChannel out =
                FileChannel.open(
                        fresh,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE)) {
            write(out, text.toString());
            out.force(true);
        }
        Files.move(fresh, to, StandardCopyOption.ATOMIC_MOVE);
        journal = Optional.of(FileChannel.open(to, StandardOpenOption.APPEND));
        lines = entries.size();
    }

    private static String line(String key, String value) {
        return key + "\t" + value + "\n";
    }

    private static void write(FileChannel out, String text) throws IOException {
        ByteBuffer octets = ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
        while (octets.hasRemaining()) {
            out.write(octets);
        }
    }

    /// Closes the file.
    @Override
    public synchronized void close() {
        shut();
    }

    private void shut() {
        try {
            if (journal.isPresent()) {
                journal.get().close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            journal = Optional.empty();
        }
    }
}
