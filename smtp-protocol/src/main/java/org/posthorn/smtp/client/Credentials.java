package org.posthorn.smtp.client;

/// Who we are to a server that mail is handed to (RFC 4954). Immutable. Its text form tells the
/// user only.
public sealed interface Credentials {

    /// Returns the user's name.
    String user();

    /// A password: by SCRAM-SHA-256, SCRAM-SHA-1, PLAIN or LOGIN, whichever of them the server
    /// knows first.
    ///
    /// @param user the user's name
    /// @param password in clear
    record Password(String user, String password) implements Credentials {
        @Override
        public String toString() {
            return user;
        }
    }

    /// A bearer token of OAuth 2: by XOAUTH2.
    ///
    /// @param user the user's name
    /// @param token the access token
    record Token(String user, String token) implements Credentials {
        @Override
        public String toString() {
            return user;
        }
    }
}
