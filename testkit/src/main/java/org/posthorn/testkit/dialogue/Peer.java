package org.posthorn.testkit.dialogue;

import java.io.IOException;
import java.util.Optional;

/// The server's end of a dialogue, as a client sees it. For one thread.
public interface Peer extends AutoCloseable {

    /// Sends octets.
    ///
    /// @throws IOException when the connection is gone
    void send(byte[] octets) throws IOException;

    /// Waits for a line, and returns it without its CRLF; nothing when the server has closed the
    /// connection. Octets are read as UTF-8.
    ///
    /// @throws IOException when none comes within a reasonable time
    Optional<String> line() throws IOException;

    /// Begins TLS, without any check of the certificate.
    ///
    /// @throws IOException when it cannot
    void secure() throws IOException;

    @Override
    void close() throws IOException;
}
