package org.posthorn.delivery;

/// How well the sessions of a route must be secured. In Postfix's words.
public enum TlsLevel {
    /// Never by TLS.
    NONE,
    /// By TLS where the server offers it (RFC 7435), and as well as the recipient's domain asks by
    /// DANE (RFC 7672) and MTA-STS (RFC 8461).
    MAY,
    /// By TLS, whatever the server's certificate; and as well as the recipient's domain asks.
    ENCRYPT,
    /// By TLS, with a certificate for the server's name by an authority that is trusted.
    VERIFY,
    /// By TLS, with one of the certificates or keys that the route names.
    FINGERPRINT,
    /// By TLS, with a certificate that the DNS vouches for; where there is none, not at all.
    DANE
}
