package org.posthorn.queue.log;

import org.junit.jupiter.api.io.TempDir;
import org.posthorn.queue.rocks.RocksLog;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;

/// The log on RocksDB keeps the contract of all logs.
class RocksLogTest implements QueueLogContract {
    @TempDir Path directory;

    @Override
    public Bench bench() {
        return new RocksBench(directory);
    }

    /// A crash leaves the files as they are at that moment: they are copied under the open store,
    /// and the copy is opened next.
    private static final class RocksBench implements Bench {
        private final Path directory;
        private int crashes;
        private RocksLog log;

        RocksBench(Path directory) {
            this.directory = directory;
        }

        private Path present() {
            return directory.resolve("store" + crashes);
        }

        @Override
        public QueueLog open(OwnerCallback owner) throws IOException {
            log = RocksLog.open(present(), 4, 0, new Random(1));
            log.start(owner);
            return log;
        }

        @Override
        public void crash() throws IOException {
            Path before = present();
            crashes++;
            Files.createDirectories(present());
            try (Stream<Path> files = Files.list(before)) {
                for (Path file : (Iterable<Path>) files::iterator) {
                    Files.copy(file, present().resolve(file.getFileName()));
                }
            }
            log.close();
        }

        @Override
        public <T> T done(CompletionStage<T> stage) {
            return stage.toCompletableFuture().join();
        }

        @Override
        public void close() {
            log.close();
        }
    }
}
