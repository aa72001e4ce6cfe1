package org.posthorn.integration.harness;

import org.awaitility.Awaitility;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/// The mail below a directory: every file in a `new` or a `cur`, at whichever depth.
///
/// @param directory need not exist yet
public record Maildir(Path directory) {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /// Returns the messages' files, the oldest first.
    public List<Path> files() {
        var found = new TreeMap<FileTime, List<Path>>();
        try {
            Files.walkFileTree(directory, new Messages(found));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found.values().stream().flatMap(List::stream).toList();
    }

    /// Waits until there are so many messages, and returns them.
    public List<Arrived> await(int count) {
        awaitCount(count);
        return files().stream().map(Maildir::read).toList();
    }

    /// Waits until there are so many messages.
    public void awaitCount(int count) {
        Awaitility.await(count + " messages in " + directory)
                .atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> files().size() >= count);
    }

    /// Waits for a message and returns it.
    public Arrived awaitOne() {
        return await(1).getFirst();
    }

    /// Removes all messages.
    public void clear() {
        for (Path file : files()) {
            try {
                Files.delete(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static Arrived read(Path file) {
        try {
            return Arrived.in(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Collects messages; what vanishes meanwhile was on its way from `tmp` to `new`.
    private static final class Messages extends SimpleFileVisitor<Path> {
        private final TreeMap<FileTime, List<Path>> found;

        Messages(TreeMap<FileTime, List<Path>> found) {
            this.found = found;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            String parent = file.getParent().getFileName().toString();
            if (parent.equals("new") || parent.equals("cur")) {
                found.computeIfAbsent(attributes.lastModifiedTime(), _ -> new ArrayList<>())
                        .add(file);
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
            if (failure instanceof NoSuchFileException) {
                return FileVisitResult.CONTINUE;
            }
            throw failure;
        }
    }
}
