package org.posthorn.api.auth;

import org.posthorn.api.plugin.Session;

/// Verifies passwords that clients send in clear text, such as against a directory.
@FunctionalInterface
public non-sealed interface Passwords extends Credentials {

    /// Verifies a password. To take as long for an unknown name as for a wrong password is the
    /// source's part.
    ///
    /// @param session the connection's facts
    /// @param name as SASLprep leaves it (RFC 4013)
    /// @param password as SASLprep leaves it
    AuthAnswer check(Session session, String name, String password);
}
