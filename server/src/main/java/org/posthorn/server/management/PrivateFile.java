package org.posthorn.server.management;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Set;

/// Makes files and directories that nobody but the server's user can read, from their first moment
/// on.
public final class PrivateFile {
    private static final FileAttribute<?> OWNER_READS_AND_WRITES =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private static final FileAttribute<?> OWNER_ENTERS =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private PrivateFile() {}

    /// Makes a directory where it is missing. Those that lead to it are made for all to enter.
    ///
    /// @throws IOException when that fails; the message names the directory
    public static Path directory(Path directory) throws IOException {
        Path whole = directory.toAbsolutePath();
        Files.createDirectories(whole.getParent());
        return Files.isDirectory(whole) ? whole : Files.createDirectory(whole, OWNER_ENTERS);
    }

    /// Makes an empty file, to be written.
    ///
    /// @throws IOException when that fails, or there is one: the message names it
    public static FileChannel create(Path file) throws IOException {
        try {
            return FileChannel.open(
                    file,
                    Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW),
                    OWNER_READS_AND_WRITES);
        } catch (FileAlreadyExistsException e) {
            throw new IOException(file + " is there already, and is not replaced: name another", e);
        } catch (NoSuchFileException e) {
            throw new IOException("there is no directory " + file.getParent() + ": make it", e);
        } catch (AccessDeniedException e) {
            throw new IOException("the server may not write to " + file, e);
        }
    }

    /// Writes a file, whose directory is made when it is missing. An older file is replaced as a
    /// whole; who owned it owns the new one, as far as we may give it away.
    ///
    /// @throws IOException when that fails; the message names the file
    public static void write(Path file, String text) throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".new");
        directory(Objects.requireNonNull(file.toAbsolutePath().getParent()));
        Files.deleteIfExists(next);
        Files.createFile(next, OWNER_READS_AND_WRITES);
        Files.writeString(next, text);
        if (Files.exists(file) && !Files.getOwner(file).equals(Files.getOwner(next))) {
            Files.setOwner(next, Files.getOwner(file));
        }
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
