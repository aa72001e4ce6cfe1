package org.posthorn.server.mxbean;

import org.posthorn.api.config.Help;

import java.io.IOException;
import java.util.List;

/// Our certificates as their operator sees them.
@Help("Our certificates.")
public interface TlsMXBean {

    @Help("The certificates in use; the first is also for clients that ask for no name.")
    List<Certificate> getCertificates();

    @Help(
            """
            Reads the files again, without ending a session. Returns whether anything had changed. Files \
            that cannot be used change nothing, and the error says why.""")
    boolean reload() throws IOException;

    /// One certificate.
    ///
    /// @param file where it was read
    /// @param names the host names that it is shown for
    /// @param validUntil when it expires
    record Certificate(String file, List<String> names, String validUntil) {}
}
