package org.posthorn.delivery;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What an attempt at a job came to. Immutable.
sealed interface Attempt {

    /// It was tried.
    ///
    /// @param results one per recipient, in order
    /// @param next when to try again, where a rule says so
    record Tried(List<Result> results, Optional<Instant> next) implements Attempt {
        /// Makes one that is tried again when its schedule says so.
        Tried(List<Result> results) {
            this(results, Optional.empty());
        }
    }

    /// It was not tried, because its route is closed for some time.
    ///
    /// @param until when it opens
    record Closed(Instant until) implements Attempt {}

    /// It was not tried, because the site that it goes to takes nothing now.
    ///
    /// @param why what to say of it
    /// @param site the site's name
    record Later(Entry.Later why, SiteName site) implements Attempt {}

    /// It waits for an operator.
    ///
    /// @param reason why
    record Held(String reason) implements Attempt {}
}
