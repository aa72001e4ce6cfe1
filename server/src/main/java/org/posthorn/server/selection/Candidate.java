package org.posthorn.server.selection;

import org.posthorn.queue.QueuedMessage;
import org.posthorn.queue.QueuedMessage.QueuedJob;

import java.time.Instant;
import java.util.function.BiFunction;

/// A job that may be selected. Immutable.
///
/// @param now when
/// @param routes says where a job goes
record Candidate(
        QueuedMessage message,
        QueuedJob job,
        Instant now,
        BiFunction<QueuedMessage, QueuedJob, String> routes) {
    String route() {
        return routes.apply(message, job);
    }
}
