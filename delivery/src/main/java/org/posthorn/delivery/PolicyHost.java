package org.posthorn.delivery;

import java.io.IOException;

/// Where domains publish their MTA-STS policies (RFC 8461 §3.3). Safe for use by many threads.
@FunctionalInterface
public interface PolicyHost {

    /// Fetches a policy file, and gives up in time.
    ///
    /// @param domain the recipient's domain, in ASCII
    /// @return the file's text, of at most 64 KiB
    /// @throws IOException when there is none to be had; the message says why
    /// @throws InterruptedException when the thread is interrupted while it waits
    String fetch(String domain) throws IOException, InterruptedException;
}
