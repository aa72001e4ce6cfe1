package org.posthorn.api.intake;

/// The way into the queue, for SMTP sessions and for plugins that submit mail.
///
/// Safe for use by many threads.
public interface Intake {

    /// Begins a message. Whoever begins a draft closes it, committed or not.
    ///
    /// @param expectedSize the size in octets that was declared for it (RFC 1870), or 0 when
    /// nothing was
    /// @throws QueueUnavailableException when no mail can be taken now: too little space, or the
    /// store has failed
    Draft begin(long expectedSize) throws QueueUnavailableException;
}
