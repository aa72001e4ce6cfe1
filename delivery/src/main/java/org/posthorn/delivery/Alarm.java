package org.posthorn.delivery;

import java.time.Duration;

/// Has something done later: on an event loop in the server, whenever it likes in a test.
@FunctionalInterface
public interface Alarm {
    /// Runs a task once, on some thread, when that much time has passed.
    ///
    /// @param task short, and never blocks
    void after(Duration time, Runnable task);
}
