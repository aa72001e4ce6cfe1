package org.posthorn.server.management;

import org.posthorn.queue.Finding;
import org.posthorn.queue.RocksQueue;
import org.posthorn.queue.StoppedQueue;
import org.posthorn.server.mxbean.StoreMXBean;
import org.posthorn.server.mxbean.StoreVerification;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// The store behind its contract. One operation at a time.
public final class StoreBean implements StoreMXBean {
    private final RocksQueue queue;
    private final Path copy;

    /// Makes one.
    ///
    /// @param directory where there may be a copy for a while
    public StoreBean(RocksQueue queue, Path directory) {
        this.queue = queue;
        this.copy = directory.resolve("queue.verify");
    }

    @Override
    public synchronized StoreVerification verify() throws IOException {
        remove(copy);
        try {
            Path store = PrivateFile.directory(copy).resolve("queue");
            queue.backUp(store);
            return verification(StoppedQueue.verify(store));
        } finally {
            remove(copy);
        }
    }

    /// Returns what was found as it is shown.
    public static StoreVerification verification(StoppedQueue.Verification it) {
        return new StoreVerification(
                it.messages(),
                it.jobs(),
                it.aside(),
                it.wrong(),
                it.findings().stream().map(Finding::toString).toList());
    }

    private static void remove(Path directory) throws IOException {
        if (Files.exists(directory)) {
            try (Stream<Path> all = Files.walk(directory)) {
                List<Path> deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
                for (Path it : deepestFirst) {
                    Files.delete(it);
                }
            }
        }
    }

    @Override
    public synchronized void backUp(String directory) throws IOException {
        Path to = Path.of(directory);
        if (!to.isAbsolute()) {
            throw new IllegalArgumentException(
                    "the directory must be an absolute path, not " + directory);
        }
        Path store = to.resolve("queue");
        if (Files.exists(store)) {
            throw new IOException("there is a queue in " + to + " already: name another directory");
        }
        PrivateFile.directory(to);
        queue.backUp(store);
    }
}
