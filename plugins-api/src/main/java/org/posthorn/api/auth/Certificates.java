package org.posthorn.api.auth;

import org.posthorn.api.plugin.Session;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/// Tells whose certificate a client has shown in TLS, for `EXTERNAL` (RFC 4422 appendix A).
@FunctionalInterface
public non-sealed interface Certificates extends Credentials {

    /// Maps a certificate to an identity.
    ///
    /// @param session the connection's facts
    /// @param chain the client's certificate, and behind it those that lead to its root, which TLS
    ///     has verified
    /// @param name whom the client asks to be, if it says so
    AuthAnswer check(Session session, List<X509Certificate> chain, Optional<String> name);
}
