package org.posthorn.queue;

import org.posthorn.queue.rocks.InUseException;
import org.posthorn.queue.rocks.StoreWriter;
import org.posthorn.queue.rocks.StoredView;
import org.posthorn.queue.state.StoreFailedException;
import org.posthorn.queue.state.Table;
import org.posthorn.queue.state.Tally;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// A queue's store that no server uses: a stopped server's, or a backup.
public final class StoppedQueue {
    private static final Logger LOG = LoggerFactory.getLogger(StoppedQueue.class);

    private StoppedQueue() {}

    /// What a look at everything found. Immutable.
    ///
    /// @param messages how many messages there are
    /// @param jobs how many jobs
    /// @param aside how many rows were set aside before, since they could not be read
    /// @param wrong how many things are wrong
    /// @param findings the first thousand of them
    public record Verification(
            long messages, long jobs, long aside, long wrong, List<Finding> findings) {
        /// Copies the list.
        public Verification {
            findings = List.copyOf(findings);
        }
    }

    /// Checks everything that must be true of a store, and reads all of its content. Nothing in it
    /// changes.
    ///
    /// @param directory where the store is
    /// @throws IOException when there is none, a server uses it, or it cannot be opened; the
    /// message
    ///     says what to do
    public static Verification verify(Path directory) throws IOException {
        try (StoredView view = StoredView.open(directory, false)) {
            Findings<Finding> findings = new Findings<>();
            QueueCheck check = new QueueCheck(view, findings::add, true);
            Tally tally = check.run();
            check.checkCounters();
            long[] aside = {0};
            view.scan(Table.ASIDE, new byte[0], new byte[0], (_, _) -> ++aside[0] > 0);
            return new Verification(
                    tally.messages(), tally.jobs(), aside[0], findings.count, findings.first);
        } catch (StoreFailedException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /// What a repair did. Immutable.
    ///
    /// @param messages how many messages the queue has now
    /// @param jobs how many jobs
    /// @param before where the queue stands as it was
    /// @param changes how many things were done besides making indexes and counters anew
    /// @param said the first thousand of them
    public record Repaired(long messages, long jobs, Path before, long changes, List<String> said) {
        /// Copies the list.
        public Repaired {
            said = List.copyOf(said);
        }
    }

    /// Puts a new store in the place of one: all that can be read of it, with indexes and counters
    /// made anew. The old one is kept beside it.
    ///
    /// @param directory where the store is
    /// @param clock names what is kept
    /// @throws IOException when there is none, a server uses it, space lacks for a copy, or nothing
    ///     can be read; the message says what to do. Then nothing has changed
    public static Repaired repair(Path directory, InstantSource clock) throws IOException {
        finishRepair(directory);
        Path made = repaired(directory);
        Path before =
                directory.resolveSibling(
                        directory.getFileName() + ".before-repair-" + clock.millis());
        if (Files.exists(made)) {
            throw new IOException(
                    made + " is left from a repair that was interrupted: remove it first");
        }
        checkSpace(directory);
        Findings<String> said = new Findings<>();
        Tally tally;
        try (StoredView from = rescued(directory, said);
                StoreWriter to = StoreWriter.open(made)) {
            tally = new QueueRepair(from, to, said::add).run();
        } catch (StoreFailedException e) {
            throw new IOException(e.getMessage(), e);
        }
        Files.move(directory, before, StandardCopyOption.ATOMIC_MOVE);
        Files.move(made, directory, StandardCopyOption.ATOMIC_MOVE);
        return new Repaired(tally.messages(), tally.jobs(), before, said.count, said.first);
    }

    private static Path repaired(Path directory) {
        return directory.resolveSibling(directory.getFileName() + ".repaired");
    }

    /// Puts a repaired store in its place, where the power went when nothing but that was left to
    /// do: the old one was gone from there, which only happens once the new one is whole.
    ///
    /// @throws IOException when it cannot be moved
    static void finishRepair(Path directory) throws IOException {
        Path made = repaired(directory);
        if (Files.exists(made.resolve("CURRENT")) && isMissing(directory)) {
            Files.deleteIfExists(directory);
            Files.move(made, directory, StandardCopyOption.ATOMIC_MOVE);
            LOG.info("the repair of the queue in {} was finished", directory);
        }
    }

    private static boolean isMissing(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return true;
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.findAny().isEmpty();
        }
    }

    private static StoredView rescued(Path directory, Findings<String> said) throws IOException {
        try {
            return StoredView.open(directory, false);
        } catch (InUseException e) {
            throw e;
        } catch (IOException whole) {
            StoredView view = StoredView.open(directory, true);
            said.add(
                    "files are missing or damaged, and what is left was read: "
                            + whole.getMessage());
            return view;
        }
    }

    private static void checkSpace(Path directory) throws IOException {
        long size = 0;
        if (Files.exists(directory)) {
            try (Stream<Path> files = Files.list(directory)) {
                size = files.mapToLong(it -> it.toFile().length()).sum();
            }
        }
        long free = Files.getFileStore(directory.toAbsolutePath().getParent()).getUsableSpace();
        if (free < size) {
            throw new IOException(
                    "a repair needs %d octets beside %s, and %d are free: make room"
                            .formatted(size, directory, free));
        }
    }

    private static final class Findings<T> {
        private static final int MOST = 1000;

        private final List<T> first = new ArrayList<>();
        private long count;

        private void add(T finding) {
            count++;
            if (first.size() < MOST) {
                first.add(finding);
            }
        }
    }
}
