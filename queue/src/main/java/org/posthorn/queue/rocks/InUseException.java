package org.posthorn.queue.rocks;

import java.io.IOException;
import java.nio.file.Path;

/// A store that another process uses.
public final class InUseException extends IOException {
    private static final long serialVersionUID = 1L;

    /// Makes one.
    public InUseException(Path directory) {
        super("the queue in " + directory + " is in use by another process: stop that one");
    }
}
