package org.posthorn.api.auth;

import org.posthorn.api.plugin.Session;

import java.util.Set;

/// Leads whole exchanges by itself: a foreign server, or a mechanism that the server does not know.
public non-sealed interface Exchanges extends Credentials {

    /// Returns the mechanisms that it can serve now, in upper case (RFC 4422 §3.1). Asked often, so
    /// it does not block. What is not in `auth.mechanisms` of the configuration is not offered.
    Set<String> mechanisms();

    /// Begins an exchange.
    ///
    /// @param session the connection's facts
    /// @param mechanism one of [#mechanisms]
    Exchange begin(Session session, String mechanism);
}
