package org.posthorn.delivery;

import org.posthorn.api.smtp.Reply;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// Whether anybody answers at a site. A site with which no session comes about any more is dead:
/// left alone for a time, then tried by one attempt, the probe; for twice as long if that fails.
///
/// Not safe for use by many threads: the site's lock guards it.
final class Health {
    private final SessionsConfig config;
    private int failures;
    private boolean probing;
    private Duration pause = Duration.ZERO;
    private Instant nextProbe = Instant.MIN;
    private Optional<Reply> last = Optional.empty();

    Health(SessionsConfig config) {
        this.config = config;
    }

    /// Returns why nobody is to go there, as long as the site is dead.
    Optional<Reply> dead() {
        return pause.isZero() ? Optional.empty() : last;
    }

    /// Tells whether somebody tries a dead site now.
    boolean isProbing() {
        return probing;
    }

    /// Returns when a dead site is tried next, at the earliest.
    Instant nextProbe() {
        return nextProbe;
    }

    /// Makes whoever asks the probe of a dead site, if it is time for one.
    boolean probe(Instant now) {
        if (probing || now.isBefore(nextProbe)) {
            return false;
        }
        probing = true;
        // Until the probe is back.
        nextProbe = now.plus(pause);
        return true;
    }

    /// The probe came back.
    ///
    /// @param answered whether there was a session; otherwise it knows nothing new
    void probed(boolean answered) {
        probing = false;
        if (answered) {
            answered();
        }
    }

    /// There was a session.
    void answered() {
        failures = 0;
        probing = false;
        pause = Duration.ZERO;
        last = Optional.empty();
    }

    /// An attempt got no session at any address.
    ///
    /// @param reply what that means for a recipient
    /// @param probe whether this was the probe
    /// @param sessions how many may be in use at once: as many must have failed in a row
    /// @return whether the site is dead by that
    boolean silent(Reply reply, boolean probe, int sessions, Instant now) {
        failures++;
        last = Optional.of(reply);
        if (probe) {
            probing = false;
            Duration twice = pause.multipliedBy(2);
            pause = twice.compareTo(config.longestProbe()) < 0 ? twice : config.longestProbe();
            nextProbe = now.plus(pause);
        } else if (pause.isZero() && failures >= Math.max(config.deadAfter(), sessions)) {
            pause = config.firstProbe();
            nextProbe = now.plus(pause);
        }
        return !pause.isZero();
    }
}
