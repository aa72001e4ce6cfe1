package org.posthorn.queue;

import java.time.Instant;

/// What an operator does to a job. A running attempt is never stopped: what it comes to is settled
/// as if nothing had been done, except that a job which is to be returned is not tried again.
public sealed interface Operation {

    /// Makes it due now, also before the time that its message was submitted for. Not a held one.
    record Retry() implements Operation {}

    /// Keeps it from being handed out until it is released.
    ///
    /// @param reason what operators read
    record Hold(String reason) implements Operation {}

    /// Ends a hold: it is due now, or at the time that its message was submitted for, if that is
    /// later.
    record Release() implements Operation {}

    /// Sends it elsewhere: due now, unless it is held or was submitted for later.
    ///
    /// @param route what stands under `to` in the route table
    record Redirect(String route) implements Operation {}

    /// Makes it due at another time.
    ///
    /// @param when at which
    record DueAt(Instant when) implements Operation {}

    /// Returns it to its sender, also when it is held: it is handed out now, to be settled as
    /// failed.
    ///
    /// @param reason what the sender reads
    record Bounce(String reason) implements Operation {}

    /// Removes it without a bounce.
    record Delete() implements Operation {}

    /// Who does it, and why: written to the history of each job.
    ///
    /// @param who the operator
    /// @param why the reason; may be empty
    record By(String who, String why) {}
}
