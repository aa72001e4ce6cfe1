package org.posthorn.server.mxbean;

/// A site that mail goes to, for an operator. Times are in UTC (ISO 8601). Immutable.
///
/// @param name its name: mail exchangers, or the server of a route
/// @param state `open`, `suspended`, or, while nobody answers there, `dead` and `probed`
/// @param reason why no mail goes there, or not more of it; empty where there is no reason
/// @param nextProbe when a dead site is tried again, at the earliest; empty otherwise
/// @param allowed how many sessions may be in use at once
/// @param used how many are
/// @param idle how many are kept open besides
/// @param waiting how many messages wait in memory for a session
/// @param opened how many sessions were opened since the site is known
/// @param sent how many messages were sent in them
public record MailSite(
        String name,
        String state,
        String reason,
        String nextProbe,
        int allowed,
        int used,
        int idle,
        int waiting,
        long opened,
        long sent) {}
