package org.posthorn.testkit.dialogue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/// The server's end of a dialogue, as a client sees it. For one thread.
public interface Peer extends AutoCloseable {

    /// Sends octets.
    ///
    /// @throws IOException when the connection is gone
    void send(byte[] octets) throws IOException;

    /// Sends text, in UTF-8.
    ///
    /// @throws IOException when the connection is gone
    default void send(String text) throws IOException {
        send(text.getBytes(StandardCharsets.UTF_8));
    }

    /// Waits for a line, and returns it without its CRLF; nothing when the server has closed the
    /// connection. Octets are read as UTF-8.
    ///
    /// @throws IOException when none comes within a reasonable time
    Optional<String> line() throws IOException;

    /// Waits for a reply that has come to its end.
    ///
    /// @return what stands in its lines behind the code
    /// @throws IOException when none comes within a reasonable time, or the connection is closed
    default List<String> reply() throws IOException {
        return Answer.read(this).orElseThrow(() -> new IOException("closed")).lines();
    }

    /// Waits for a reply, and checks it.
    ///
    /// @param reply its code, and what one of its lines begins with; `closed` for the end of the
    ///     connection in its place
    /// @throws AssertionError when the server says something else
    /// @throws IOException when it says nothing within a reasonable time
    default void expect(String reply) throws IOException {
        Optional<Answer> answer = Answer.read(this);
        if (!Answer.fits(answer, reply)) {
            throw new AssertionError("expected " + reply + " but got " + Answer.describe(answer));
        }
    }

    /// Sends a line, and checks the reply to it.
    ///
    /// @param line without its CRLF
    /// @param reply as in [#expect]
    /// @throws AssertionError when the server says something else
    /// @throws IOException when the connection is gone, or nothing comes within a reasonable time
    default void say(String line, String reply) throws IOException {
        send(line + "\r\n");
        expect(reply);
    }

    /// Begins TLS, without any check of the certificate.
    ///
    /// @throws IOException when it cannot
    void secure() throws IOException;

    @Override
    void close() throws IOException;
}
