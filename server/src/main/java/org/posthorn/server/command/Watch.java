package org.posthorn.server.command;

import org.posthorn.server.mxbean.TransferProgress;

import java.io.PrintWriter;
import java.lang.reflect.UndeclaredThrowableException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// Says every few seconds how far long work is.
final class Watch implements AutoCloseable {
    private static final int SECONDS = 5;

    private final PrintWriter err;
    private final Supplier<List<TransferProgress>> progress;
    private final CountDownLatch over = new CountDownLatch(1);

    private Watch(PrintWriter err, Supplier<List<TransferProgress>> progress) {
        this.err = err;
        this.progress = progress;
    }

    /// Begins.
    ///
    /// @param progress asks for it, on a thread of its own
    static Watch begin(PrintWriter err, Supplier<List<TransferProgress>> progress) {
        Watch watch = new Watch(err, progress);
        Thread.ofVirtual().name("watch").start(watch::run);
        return watch;
    }

    private void run() {
        try {
            while (!over.await(SECONDS, TimeUnit.SECONDS)) {
                progress.get().forEach(this::say);
            }
        } catch (InterruptedException | UndeclaredThrowableException _) {
            // Who waits for the work itself hears of it.
        }
    }

    private void say(TransferProgress it) {
        err.printf(
                "posthorn: %s: %d%s messages, %d octets, %d left out%n",
                it.operation(),
                it.messages(),
                it.expected() > 0 ? " of " + it.expected() : "",
                it.octets(),
                it.refused());
        err.flush();
    }

    @Override
    public void close() {
        over.countDown();
    }
}
