package org.posthorn.server.assembly;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayDeque;
import java.util.Deque;

/// All that must be undone when the server stops, or when it fails to start: the last first.
///
/// Safe for use by many threads.
final class Teardown implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Teardown.class);

    /// Something to undo.
    interface Step {
        void run() throws Exception;
    }

    private final Deque<Step> steps = new ArrayDeque<>();

    /// Remembers to close something.
    synchronized <T extends AutoCloseable> T closing(T part) {
        steps.push(part::close);
        return part;
    }

    /// Remembers to do something.
    synchronized void add(Step step) {
        steps.push(step);
    }

    /// Undoes everything, also when some of it fails. A second call does nothing.
    @Override
    public void close() {
        for (Step step = next(); step != null; step = next()) {
            try {
                step.run();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (Exception e) {
                LOG.error("a part could not be closed", e);
            }
        }
    }

    private synchronized @org.jspecify.annotations.Nullable Step next() {
        return steps.poll();
    }
}
