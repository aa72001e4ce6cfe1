package org.posthorn.api.auth;

/// What a source makes of a client. Immutable.
public sealed interface AuthAnswer {
    /// The client is not known here, or not believed.
    AuthAnswer REFUSED = new Refused();

    /// It is known.
    record Identified(Identity identity) implements AuthAnswer {}

    /// It is not known here, or not believed: the next source is asked.
    record Refused() implements AuthAnswer {}

    /// The source cannot say at the moment: the client is told to try again later, and no other
    /// source is asked.
    ///
    /// @param reason what an operator reads
    record Unavailable(String reason) implements AuthAnswer {}
}
