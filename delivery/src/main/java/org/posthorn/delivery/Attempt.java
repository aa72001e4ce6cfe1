package org.posthorn.delivery;

import java.time.Instant;
import java.util.List;

/// What an attempt at a job came to. Immutable.
sealed interface Attempt {

    /// It was tried.
    ///
    /// @param results one per recipient, in order
    record Tried(List<Result> results) implements Attempt {}

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
