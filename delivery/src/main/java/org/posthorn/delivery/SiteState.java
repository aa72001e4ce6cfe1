package org.posthorn.delivery;

import java.time.Instant;
import java.util.Optional;

/// How a site is: a snapshot. Immutable.
///
/// A site is where sessions go: the mail exchangers of a domain, shared by all domains that have
/// the same, or the server of a route.
///
/// @param name its name: `mx1.example.org,mx2.example.org`, `smtp://192.0.2.1:25`
/// @param kind whether mail goes there
/// @param reason why it does not, or not more of it; empty where there is no reason
/// @param nextProbe when a dead site is tried again, at the earliest
/// @param allowed how many sessions may be in use at once
/// @param used how many are
/// @param idle how many are open besides, for whoever comes next
/// @param waiting how many messages wait in memory for one
/// @param opened how many were opened since the site is known
/// @param sent how many messages were sent in them
public record SiteState(
        String name,
        Kind kind,
        String reason,
        Optional<Instant> nextProbe,
        int allowed,
        int used,
        int idle,
        int waiting,
        long opened,
        long sent) {

    /// Whether mail goes there.
    public enum Kind {
        /// It does.
        OPEN,
        /// Nobody answered of late.
        DEAD,
        /// Nobody answered of late, and one message tries now.
        PROBED,
        /// An operator does not want it to.
        SUSPENDED
    }
}
