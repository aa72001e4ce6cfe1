package org.posthorn.delivery;

import java.time.Duration;

/// Lets time pass: `Thread::sleep` in the server, whatever it likes in a test.
@FunctionalInterface
public interface Pause {
    /// Returns when that much time has passed. Called on a virtual thread, which may block.
    ///
    /// @throws InterruptedException when the thread is interrupted before
    void last(Duration duration) throws InterruptedException;
}
