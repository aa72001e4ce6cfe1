package org.posthorn.server.log;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// A file that is written at its end. After a failure it is opened again: where it stood may have
/// been mounted anew. For one thread.
final class LogFile implements MailLog.Sink {
    private final Path file;
    private @Nullable FileChannel channel;

    private LogFile(Path file) {
        this.file = file;
    }

    /// Opens a file, whose directory is made when it is missing.
    ///
    /// @throws IOException when it cannot be written; the message names it
    static LogFile open(Path file) throws IOException {
        LogFile log = new LogFile(file);
        log.channel();
        return log;
    }

    private FileChannel channel() throws IOException {
        FileChannel open = channel;
        if (open == null) {
            Path directory = file.toAbsolutePath().getParent();
            if (directory != null) {
                Files.createDirectories(directory);
            }
            open =
                    FileChannel.open(
                            file,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE,
                            StandardOpenOption.APPEND);
            channel = open;
        }
        return open;
    }

    @Override
    public void write(ByteBuffer octets) throws IOException {
        try {
            while (octets.hasRemaining()) {
                channel().write(octets);
            }
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        FileChannel open = channel;
        channel = null;
        if (open != null) {
            open.close();
        }
    }
}
