package org.posthorn.delivery;

import java.time.Instant;
import java.util.concurrent.CompletableFuture;

/// Somebody who asked to go to a site, and may have to wait for the answer.
final class Waiter {
    private final Errand errand;
    private final Instant since;
    private final CompletableFuture<Entry> entry = new CompletableFuture<>();

    Waiter(Errand errand, Instant since) {
        this.errand = errand;
        this.since = since;
    }

    Errand errand() {
        return errand;
    }

    Instant since() {
        return since;
    }

    /// Returns the answer, cancelled when the server stops before there is one.
    CompletableFuture<Entry> entry() {
        return entry;
    }
}
