package org.posthorn.api.auth;

import org.posthorn.api.plugin.Session;
import org.posthorn.api.plugin.Session.ClientCertificate;

import java.util.Optional;

/// Tells whose certificate a client has shown in TLS, for `EXTERNAL` (RFC 4422 appendix A).
@FunctionalInterface
public non-sealed interface Certificates extends Credentials {

    /// Maps a certificate to an identity.
    ///
    /// @param session the connection's facts
    /// @param certificate the client's, which it has proved to be its own; verified, unless
    ///     [#verifiedOnly] says otherwise
    /// @param name whom the client asks to be, if it says so
    AuthAnswer check(Session session, ClientCertificate certificate, Optional<String> name);

    /// Tells whether a certificate must be verified ([ClientCertificate#verified]) for this source
    /// to be asked. One that knows certificates by their fingerprints, and goes by nothing that
    /// they say, needs nobody to vouch for them.
    default boolean verifiedOnly() {
        return true;
    }
}
