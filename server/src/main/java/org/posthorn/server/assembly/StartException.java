package org.posthorn.server.assembly;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;

/// The server cannot start. The message is for the operator: what fails, where, what to do.
public final class StartException extends Exception {
    private static final long serialVersionUID = 1L;

    StartException(String message, Throwable cause) {
        super(message, cause);
    }

    /// What Java says of a file is often nothing but its name.
    static StartException of(IOException cause) {
        String words =
                switch (cause) {
                    case AccessDeniedException denied ->
                            denied.getFile()
                                    + ": the user that this runs as has not the right to use it";
                    case FileSystemException nameless when nameless.getReason() == null ->
                            nameless.getFile() + ": " + nameless.getClass().getSimpleName();
                    default -> String.valueOf(cause.getMessage());
                };
        return new StartException(words, cause);
    }
}
