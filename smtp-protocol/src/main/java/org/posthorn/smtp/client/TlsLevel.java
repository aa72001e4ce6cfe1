package org.posthorn.smtp.client;

/// How well a session must be secured, each level better than the one before. In Postfix's words.
public enum TlsLevel {
    /// Never by TLS.
    NONE,
    /// By TLS where the server offers it, whatever its certificate (RFC 7435).
    MAY,
    /// By TLS, whatever the server's certificate.
    ENCRYPT,
    /// By TLS, with a certificate for the server's name by an authority that is trusted.
    VERIFY
}
