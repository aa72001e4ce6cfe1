package org.posthorn.queue;

/// How many jobs may be handed out at once. Asked often, from the queue's threads: it returns at
/// once. Answers may change over time.
public interface LaneLimits {

    /// Returns the bound on all jobs handed out: it bounds memory, not the queue.
    int active();

    /// Returns the bound on jobs handed out for one destination, at least 1.
    int lanes(Destination destination);

    /// Returns the bound on jobs handed out for one source, a sender or its tenant, at least 1.
    /// None but [#active], where it is not said.
    default int share() {
        return active();
    }
}
