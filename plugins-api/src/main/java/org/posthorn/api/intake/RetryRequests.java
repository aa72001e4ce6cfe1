package org.posthorn.api.intake;

import org.posthorn.api.mail.Domain;

/// Whom a client asks to have mail tried that waits for it (RFC 1985). Safe for use by many
/// threads.
@FunctionalInterface
public interface RetryRequests {
    /// Nobody, so that nothing ever waits.
    RetryRequests NONE = _ -> 0;

    /// Makes all mail that waits for a domain due now. May wait for the disk.
    ///
    /// @return how many jobs that are
    /// @throws RuntimeException when the store cannot do it
    int retry(Domain domain);
}
