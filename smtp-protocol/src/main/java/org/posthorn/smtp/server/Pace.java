package org.posthorn.smtp.server;

import org.jspecify.annotations.Nullable;
import org.posthorn.api.smtp.Reply;

/// Whether the content of a message comes fast enough: over each content timeout, and in all. What
/// is read only to be dropped has one content timeout, and no more. Times are of the session's
/// ticker, in nanoseconds. Confined to the session's event loop.
final class Pace {
    private final SmtpLimits limits;
    private long begun;
    private long windowBegun;
    private long octets;
    private boolean doomed;
    private long doomedSince;

    Pace(SmtpLimits limits, long now) {
        this.limits = limits;
        this.begun = now;
        this.windowBegun = now;
    }

    /// Leaves out a time in which it was us who did not read.
    void waited(long time) {
        begun += time;
        windowBegun += time;
        doomedSince += time;
    }

    /// Counts octets.
    ///
    /// @param fault why they are dropped, if they are
    /// @return what ends the session, or nothing
    @Nullable Reply took(int count, @Nullable Reply fault, long now) {
        octets += count;
        long window = limits.contentTimeout().toNanos();
        if (now - begun >= limits.pace().messageTimeout().toNanos()) {
            return fault == null ? Replies.MESSAGE_TOO_LONG_COMING : fault;
        }
        if (fault != null && !doomed) {
            doomed = true;
            doomedSince = now;
        }
        if (fault != null && now - doomedSince >= window) {
            return fault;
        }
        if (now - windowBegun < window) {
            return null;
        }
        boolean slow =
                octets < limits.pace().minRate().bytes() * limits.contentTimeout().toSeconds();
        windowBegun = now;
        octets = 0;
        return slow ? Replies.CONTENT_TOO_SLOW : null;
    }
}
