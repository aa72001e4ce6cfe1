package org.posthorn.server.transfer;

import org.posthorn.api.mail.Content;
import org.posthorn.queue.PortableMessage;
import org.posthorn.server.management.PrivateFile;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// Where exported messages go: each as `ID.json`, its envelope, and `ID.eml`, its content octet by
/// octet. What is there already is never replaced. For one thread.
sealed interface Sink extends AutoCloseable {
    /// How an archive's name ends.
    String ARCHIVE = ".tar";

    /// Opens the archive or directory of a name.
    ///
    /// @throws IOException when it cannot be made, or an archive is there already
    static Sink open(Path path) throws IOException {
        return path.toString().endsWith(ARCHIVE)
                ? new Archive(path, PrivateFile.create(path))
                : new Directory(PrivateFile.directory(path));
    }

    /// Writes a message.
    ///
    /// @throws UnreadableException when its content cannot be read: then nothing of it is there
    /// @throws IOException when nothing can be written any more
    void put(PortableMessage message, Content content) throws IOException;

    /// Makes all of it durable.
    void finish() throws IOException;

    /// Closes it. What was not finished is removed, as far as it is one file.
    @Override
    void close() throws IOException;

    private static InputStream open(Content content) throws UnreadableException {
        try {
            return content.open();
        } catch (IOException e) {
            throw new UnreadableException(String.valueOf(e.getMessage()), e);
        }
    }

    /// A tar archive.
    final class Archive implements Sink {
        private final Path file;
        private final FileChannel channel;
        private final TarWriter tar;
        private boolean finished;

        private Archive(Path file, FileChannel channel) {
            this.file = file;
            this.channel = channel;
            this.tar = new TarWriter(channel);
        }

        @Override
        public void put(PortableMessage message, Content content) throws IOException {
            long begin = channel.position();
            byte[] envelope = EnvelopeWriter.write(message, content.size());
            try (InputStream in = Sink.open(content)) {
                tar.file(
                        message.id() + ".json",
                        envelope.length,
                        message.acceptedAt(),
                        new ByteArrayInputStream(envelope));
                tar.file(message.id() + ".eml", content.size(), message.acceptedAt(), in);
            } catch (UnreadableException e) {
                channel.truncate(begin);
                throw e;
            }
        }

        @Override
        public void finish() throws IOException {
            tar.finish();
            finished = true;
        }

        @Override
        public void close() throws IOException {
            channel.close();
            if (!finished) {
                Files.deleteIfExists(file);
            }
        }
    }

    /// A directory.
    ///
    /// @param path of it
    record Directory(Path path) implements Sink {
        @Override
        public void put(PortableMessage message, Content content) throws IOException {
            Path file = path.resolve(message.id() + ".eml");
            try (InputStream in = Sink.open(content)) {
                write(file, content.size(), in);
            } catch (UnreadableException e) {
                Files.deleteIfExists(file);
                throw e;
            }
            byte[] envelope = EnvelopeWriter.write(message, content.size());
            write(
                    path.resolve(message.id() + ".json"),
                    envelope.length,
                    new ByteArrayInputStream(envelope));
        }

        private static void write(Path file, long size, InputStream content) throws IOException {
            try (FileChannel to = PrivateFile.create(file)) {
                Copies.exactly(size, content, octets -> all(to, octets));
                to.force(true);
            }
        }

        private static void all(FileChannel to, ByteBuffer octets) throws IOException {
            while (octets.hasRemaining()) {
                to.write(octets);
            }
        }

        @Override
        public void finish() throws IOException {
            try (FileChannel names = FileChannel.open(path, StandardOpenOption.READ)) {
                names.force(true);
            }
        }

        @Override
        public void close() {}
    }
}
