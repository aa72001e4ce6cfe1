package org.posthorn.api.auth;

import org.posthorn.api.plugin.Session;

/// Looks accounts up by name. The server does the rest by their records, so that this source never
/// sees a password.
@FunctionalInterface
public non-sealed interface Accounts extends Credentials {

    /// The iterations that RFC 7677 §4 asks for at least.
    int LEAST_ITERATIONS = 4096;

    /// Looks an account up.
    ///
    /// @param session the connection's facts
    /// @param name as SASLprep leaves it (RFC 4013)
    Lookup find(Session session, String name);

    /// Returns how many iterations the records of most accounts have. The server pretends as many
    /// for names that nobody has, so that they look and cost the same. Does not block.
    default int iterations() {
        return LEAST_ITERATIONS;
    }

    /// What a lookup comes to.
    sealed interface Lookup {
        /// There is no such account.
        Lookup UNKNOWN = new Unknown();

        /// There is one.
        record Found(Account account) implements Lookup {}

        /// There is no such account.
        record Unknown() implements Lookup {}

        /// The source cannot say at the moment.
        ///
        /// @param reason what an operator reads
        record Unavailable(String reason) implements Lookup {}
    }
}
