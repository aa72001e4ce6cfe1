package org.posthorn.api.auth;

/// One source that can tell who a client is, supplied by a plugin
/// ([org.posthorn.api.plugin.Hooks#credentials]). Safe for use by many threads.
///
/// The server speaks the mechanisms; a source answers the question that is left: an account's
/// records, a password, a token, a certificate. [Exchanges] is for a source that leads the whole
/// dialogue by itself, as a foreign server does. A plugin may supply several sources.
///
/// | a source of | serves |
/// |---|---|
/// | [Accounts] | `PLAIN`, `LOGIN`, `SCRAM-SHA-1`, `SCRAM-SHA-256` and their `-PLUS` forms |
/// | [Passwords] | `PLAIN`, `LOGIN` |
/// | [Tokens] | `XOAUTH2`, `OAUTHBEARER` |
/// | [Certificates] | `EXTERNAL` |
/// | [Exchanges] | what it says |
///
/// Sources are asked in the order of the configuration. One that does not know a client, or does
/// not believe it, lets the next one be asked; one that cannot answer, throws or overruns its
/// plugin's time budget ends the asking: the client is told `454 4.7.0`, and never let in.
///
/// Calls are made on virtual threads, and may block. The session's facts are as they were when the
/// exchange began.
public sealed interface Credentials permits Accounts, Certificates, Exchanges, Passwords, Tokens {

    /// Tells whether calls may wait for anything: a lock, a file, a network. A source that keeps
    /// everything in memory, and whose accounts are cheap to verify, may say no: then, if no other
    /// source may wait, it is asked on the event loop.
    default boolean mayBlock() {
        return true;
    }
}
