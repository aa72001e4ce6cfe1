package org.posthorn.api.auth;

import org.posthorn.api.plugin.Session;

import java.util.Optional;

/// Verifies bearer tokens (RFC 6750) that clients present by `OAUTHBEARER` (RFC 7628) or `XOAUTH2`.
@FunctionalInterface
public non-sealed interface Tokens extends Credentials {

    /// Verifies a token. It must not be let in as anybody but the name that the client asks for.
    ///
    /// @param session the connection's facts
    /// @param name whom the client asks to be, if it says so
    /// @param token as presented, visible ASCII
    AuthAnswer check(Session session, Optional<String> name, String token);

    /// Returns the scope that a token needs; clients with another are told (RFC 7628 §3.2.2).
    default Optional<String> scope() {
        return Optional.empty();
    }

    /// Returns the URL of the discovery document, from which clients learn where to get a token
    /// (RFC 7628 §3.2.2).
    default Optional<String> discovery() {
        return Optional.empty();
    }
}
