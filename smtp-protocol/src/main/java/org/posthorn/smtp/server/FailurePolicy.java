package org.posthorn.smtp.server;

/// What a plugin that throws or overruns is taken to have answered.
public enum FailurePolicy {
    /// `451 4.3.0`: the client tries again later.
    TEMPFAIL,
    /// Nothing: the next plugin is asked.
    IGNORE,
    /// `554 5.3.0`: the client gives up.
    REJECT
}
