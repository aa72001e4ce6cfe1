package org.posthorn.integration.peer;

import org.posthorn.integration.harness.Finished;

import java.nio.file.Path;
import java.util.List;

/// The program of GNU SASL: it takes the best mechanism that both sides know, authenticates, and
/// says all that was said.
public final class GnuSasl {
    private GnuSasl() {}

    /// Authenticates under TLS at a port of localhost.
    ///
    /// @param authority PEM: who vouches for the server
    public static Finished authenticate(int port, Path authority, String user, String password) {
        return Finished.run(
                List.of(
                        Peer.GSASL.path(),
                        "--smtp",
                        "--connect=localhost:" + port,
                        "--x509-ca-file=" + authority,
                        "--authentication-id=" + user,
                        "--password=" + password));
    }
}
