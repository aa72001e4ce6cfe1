package org.posthorn.server.management;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/// Writes files that nobody but the server's user can read, from their first moment on.
public final class PrivateFile {
    private static final FileAttribute<?> OWNER_READS_AND_WRITES =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private PrivateFile() {}

    /// Writes a file, whose directory is made when it is missing. An older file is replaced as a
    /// whole.
    ///
    /// @throws IOException when that fails; the message names the file
    public static void write(Path file, String text) throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".new");
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.deleteIfExists(next);
        Files.createFile(next, OWNER_READS_AND_WRITES);
        Files.writeString(next, text);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
