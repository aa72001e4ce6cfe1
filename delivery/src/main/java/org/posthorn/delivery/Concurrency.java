package org.posthorn.delivery;

import java.time.Duration;
import java.time.Instant;

/// How many sessions a site may have in use at once, and how that follows from what becomes of
/// them. One for each site; not safe for use by many threads: the site's lock guards it. Never
/// blocks.
interface Concurrency {

    /// What can go wrong with a site, as far as it says something about how much it can take.
    enum Failure {
        /// No session at any of its addresses: no connection, or no good greeting.
        UNREACHED,
        /// A session that broke off in its middle, or was ended by `421`.
        BROKEN,
        /// A reply that asks for less: `450 4.7.1 Too fast`.
        THROTTLED
    }

    /// Returns how many sessions may be in use now, at least 1.
    int allowed(Instant now);

    /// A message was sent and answered, whatever the answer was.
    ///
    /// @param took from `MAIL` to the last answer
    void succeeded(Duration took, Instant now);

    /// Something failed.
    void failed(Failure kind, Instant now);
}
