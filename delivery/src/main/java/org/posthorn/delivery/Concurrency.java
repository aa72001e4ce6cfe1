package org.posthorn.delivery;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// How many sessions a site may have in use at once, and how that follows from what becomes of
/// them. One for each site; not safe for use by many threads: the site's lock guards it. Never
/// blocks.
interface Concurrency {

    /// What can go wrong with a site, as far as it says something about how much it can take.
    enum Failure {
        /// No session at any of its addresses: no connection, or no good greeting.
        UNREACHED,
        /// A session that broke off in its middle.
        BROKEN,
        /// The server has enough of our sessions: `421 Too many connections`.
        BUSY,
        /// A reply that asks for less: `450 4.7.1 Too fast`.
        THROTTLED
    }

    /// Tells why no message may be sent now, if none may. Nothing is taken by asking.
    Optional<NotYet> ask(Instant now);

    /// Returns how many sessions may be in use now.
    int allowed(Instant now);

    /// A message is sent from now on. Each start ends in one of the others.
    ///
    /// @return how many are under way, with it
    int started(Instant now);

    /// A message was sent and answered, whatever the answer was.
    ///
    /// @param took how long that took, with the connection where there was none
    void succeeded(Duration took, Instant now);

    /// Something failed.
    ///
    /// @param among what [#started] returned
    /// @param took how long that took
    void failed(Failure kind, int among, Duration took, Instant now);

    /// What was started came to nothing that says anything of the site.
    ///
    /// @param took how long that took
    void ended(Duration took, Instant now);

    /// Nobody is there any more: what was known of the site may be otherwise when it is back.
    void dead();
}
