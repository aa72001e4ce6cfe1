package org.posthorn.delivery;

import org.posthorn.api.delivery.Outcome;
import org.posthorn.queue.Settlement;

import java.util.List;

/// What is to be settled, and the results behind it. Immutable.
///
/// @param settlement for the queue
/// @param results one per recipient, in order; none where nothing was attempted
/// @param told what each of the settlement's reports tells, in their order
record Decision(Settlement settlement, List<Result> results, List<List<Told>> told) {

    /// Returns who was tried, for the history of what was not delivered; empty where nobody was.
    String peer() {
        return results.stream()
                .filter(it -> !(it.outcome() instanceof Outcome.Delivered))
                .map(it -> it.by().remote())
                .findFirst()
                .orElse("");
    }
}
